local function adder(by)
  return function(x) return x + by end
end

local function compose(f, g)
  return function(x) return g(f(x)) end
end

function main(n)
  local total = 0
  local fixed = compose(adder(3), adder(4))
  for i = 0, n - 1 do
    local add = adder(i % 10)
    total = total + add(i) + fixed(1)
  end
  return total
end
