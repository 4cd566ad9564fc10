function main(n)
  local account = {owner = "Ada", balance = 100, moves = 0}
  for i = 0, n - 1 do
    account.balance = account.balance + i % 7
    account["moves"] = account["moves"] + 1
    if account.balance > 1000 then
      account.balance = account.balance - 900
    end
  end
  return account.balance * 1000 + account.moves % 1000
end
