def check(i):
    if i % 3 == 0:
        raise ValueError(f"bad {i % 10}")
    return i % 5


def main(n):
    total = 0
    failed = 0
    for i in range(n):
        try:
            total += check(i)
        except ValueError as e:
            failed += len(e.args[0])
    return total * 3 + failed
