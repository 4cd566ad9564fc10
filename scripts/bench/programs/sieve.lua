function main(n)
  local prime = {}
  for i = 0, n do prime[i + 1] = true end
  prime[1] = false
  prime[2] = false
  local i = 2
  while i * i <= n do
    if prime[i + 1] then
      local j = i * i
      while j <= n do
        prime[j + 1] = false
        j = j + i
      end
    end
    i = i + 1
  end
  local count = 0
  for i = 1, #prime do
    if prime[i] then count = count + 1 end
  end
  return count
end
