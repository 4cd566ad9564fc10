function main(n)
  local small, equal, other = 0, 0, 0
  for a = 0, n - 1 do
    local b = a % 1000
    if b < 250 and a ~= 7 then
      small = small + 1
    elseif b == 500 or b >= 990 then
      equal = equal + 1
    elseif not (b > 600) then
      other = other + 1
    end
  end
  return small * 3 + equal * 2 + other
end
