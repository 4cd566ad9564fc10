class Square:
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side * self.side

    def grown(self, by):
        return Square(self.side + by)


class Box:
    def __init__(self, width, height):
        self.width = width
        self.height = height

    def area(self):
        return self.width * self.height

    def grown(self, by):
        return Box(self.width + by, self.height)


def main(n):
    shapes = [Square(3), Box(2, 5), Square(1)]
    total = 0
    for i in range(n):
        shape = shapes[i % 3]
        total += shape.area()
        if i % 4 == 0:
            total += shape.grown(i % 10).area()
    return total
