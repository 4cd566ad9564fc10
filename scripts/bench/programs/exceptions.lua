local function check(i)
  if i % 3 == 0 then error("bad " .. string.format("%d", i % 10), 0) end
  return i % 5
end

function main(n)
  local total, failed = 0, 0
  for i = 0, n - 1 do
    local ok, value = pcall(check, i)
    if ok then
      total = total + value
    else
      failed = failed + #value
    end
  end
  return total * 3 + failed
end
