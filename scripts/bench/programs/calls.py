def clamp(value, low, high):
    if value < low:
        return low
    if value > high:
        return high
    return value


def step(total, i):
    return clamp(total + i % 10 - 4, 0, 5000)


def main(n):
    total = 0
    for i in range(n):
        total = step(total, i)
    return total
