def main(n):
    numbers = [i * 7919 % 10007 for i in range(n)]
    kept = [x for x in [x * 2 + 1 for x in numbers] if x % 3 != 0]
    ordered = sorted(kept)
    by_rest = sorted(kept, key=lambda x: x % 100)
    total = 0
    for x in ordered:
        total = (total * 31 + x) % 1000003
    return total + by_rest[10] + ordered[10] + len(kept)
