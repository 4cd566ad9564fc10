def adder(by):
    return lambda x: x + by


def compose(f, g):
    return lambda x: g(f(x))


def main(n):
    total = 0
    fixed = compose(adder(3), adder(4))
    for i in range(n):
        add = adder(i % 10)
        total += add(i) + fixed(1)
    return total
