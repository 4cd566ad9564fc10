# Without `functools`.
def main(n):
    numbers = list(map(lambda i: i * 7919 % 10007, range(n)))
    kept = list(filter(lambda x: x % 3 != 0, map(lambda x: x * 2 + 1, numbers)))
    ordered = sorted(kept)
    by_rest = sorted(kept, key=lambda x: x % 100)
    total = 0
    for x in ordered:
        total = (total * 31 + x) % 1000003
    return total + by_rest[10] + ordered[10] + len(kept)
