# Without `match`: the tests written out.
def size(event):
    if isinstance(event, dict):
        if event.get("kind") == "click" and "x" in event and "y" in event:
            return event["x"] + event["y"]
        if event.get("kind") == "key" and "code" in event:
            if event["code"] < 32:
                return 1
            return event["code"]
    elif isinstance(event, list):
        if len(event) == 3 and event[0] == "move":
            return event[1] * event[2]
    elif event == 0 or event == 1 or event == 2:
        return 3
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
