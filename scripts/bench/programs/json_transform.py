import json


def main(n):
    rows = []
    for i in range(n):
        rows.append({"id": i, "name": f"user {i}", "tags": ["a", f"b{i % 3}"], "score": i % 17})
    text = json.dumps(rows, sort_keys=True, separators=(",", ":"))
    parsed = json.loads(text)
    totals = {}
    kept = []
    for row in parsed:
        tag = row["tags"][1]
        totals[tag] = totals.get(tag, 0) + row["score"]
        if row["score"] > 8:
            kept.append({"id": row["id"], "label": f"{row['name']} ({row['score']})"})
    out = json.dumps({"totals": totals, "kept": kept}, sort_keys=True, separators=(",", ":"))
    return f"{len(out)} {out[10:50]}"
