def count(text, counts):
    for word in text.split(" "):
        key = word.lower()
        counts[key] = counts.get(key, 0) + 1
    return counts


def main(n):
    lines = [
        "The quick brown fox jumps over the lazy dog",
        "It was the best of times it was the worst of times",
        "To be or not to be that is the question",
    ]
    counts = {}
    for i in range(n):
        counts = count(lines[i % 3] + f" w{i % 50}", counts)
    rows = sorted(sorted(counts.items()), key=lambda row: -row[1])
    return " ".join([f"{row[0]}={row[1]}" for row in rows[:3]])
