local function clamp(value, low, high)
  if value < low then return low end
  if value > high then return high end
  return value
end

local function step(total, i)
  return clamp(total + i % 10 - 4, 0, 5000)
end

function main(n)
  local total = 0
  for i = 0, n - 1 do
    total = step(total, i)
  end
  return total
end
