# RestrictedPython allows no augmented assignment of elements.
def main(n):
    account = {"owner": "Ada", "balance": 100, "moves": 0}
    for i in range(n):
        account["balance"] = account["balance"] + i % 7
        account["moves"] = account["moves"] + 1
        if account["balance"] > 1000:
            account["balance"] = account["balance"] - 900
    return account["balance"] * 1000 + account["moves"] % 1000
