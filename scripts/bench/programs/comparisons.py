def main(n):
    small = 0
    equal = 0
    other = 0
    for a in range(n):
        b = a % 1000
        if b < 250 and a != 7:
            small += 1
        elif b == 500 or b >= 990:
            equal += 1
        elif not b > 600:
            other += 1
    return small * 3 + equal * 2 + other
