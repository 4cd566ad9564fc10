def main(n):
    total = 0
    for i in range(n):
        total = (total + i * i) % 1000003
        if i % 3 == 0:
            total += i // 3
    return total
