class Point:
    def __init__(self, x, y, hits):
        self.x = x
        self.y = y
        self.hits = hits


def main(n):
    p = Point(0, 100, 0)
    for i in range(n):
        p.x += i % 5
        p.y = p.y - 1
        if p.x > p.y:
            p.hits += 1
            p.x = 0
    return p.x + p.y * 2 + p.hits * 3
