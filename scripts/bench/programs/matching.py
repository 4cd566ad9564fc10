def size(event):
    match event:
        case {"kind": "click", "x": x, "y": y}:
            return x + y
        case {"kind": "key", "code": code} if code < 32:
            return 1
        case {"kind": "key", "code": code}:
            return code
        case ["move", dx, dy]:
            return dx * dy
        case 0 | 1 | 2:
            return 3
        case _:
            return 7


def main(n):
    events = [
        {"kind": "click", "x": 3, "y": 4},
        {"kind": "key", "code": 10},
        {"kind": "key", "code": 65},
        ["move", 2, 5],
        1,
        "none",
    ]
    total = 0
    for i in range(n):
        total += size(events[i % 6])
    return total
