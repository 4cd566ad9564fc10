def main(n):
    text = ""
    parts = []
    for i in range(n):
        text = text + f"{i % 10}"
        if i % 5 == 0:
            parts.append(f"item {i}: {i % 7}")
    joined = ", ".join(parts)
    return f"{len(text)} {text[123:133]} {len(joined)} {joined[100:120]}"
