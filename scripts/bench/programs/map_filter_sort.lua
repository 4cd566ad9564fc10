-- Lua's `table.sort` is not stable: the place breaks ties.
local function map(xs, f)
  local out = {}
  for i = 1, #xs do out[i] = f(xs[i]) end
  return out
end

local function filter(xs, f)
  local out, size = {}, 0
  for i = 1, #xs do
    if f(xs[i]) then
      size = size + 1
      out[size] = xs[i]
    end
  end
  return out
end

local function sort_by(xs, f)
  local rows = {}
  for i = 1, #xs do rows[i] = {f(xs[i]), i, xs[i]} end
  table.sort(rows, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a[2] < b[2]
  end)
  return map(rows, function(row) return row[3] end)
end

function main(n)
  local indexes = {}
  for i = 0, n - 1 do indexes[i + 1] = i end
  local numbers = map(indexes, function(i) return i * 7919 % 10007 end)
  local kept = filter(map(numbers, function(x) return x * 2 + 1 end), function(x) return x % 3 ~= 0 end)
  local ordered = map(kept, function(x) return x end)
  table.sort(ordered)
  local by_rest = sort_by(kept, function(x) return x % 100 end)
  local total = 0
  for i = 1, #ordered do total = (total * 31 + ordered[i]) % 1000003 end
  return total + by_rest[11] + ordered[11] + #kept
end
