local floor = math.floor
function main(n)
  local total = 0
  for i = 0, n - 1 do
    total = (total + i * i) % 1000003
    if i % 3 == 0 then
      total = total + floor(i / 3)
    end
  end
  return total
end
