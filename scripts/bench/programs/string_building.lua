-- Lua's strings are copied by `..`, so that a loop of it is quadratic: pieces are collected, as Lua programs do.
local format = string.format
function main(n)
  local pieces, parts = {}, {}
  for i = 0, n - 1 do
    pieces[#pieces + 1] = format("%d", i % 10)
    if i % 5 == 0 then
      parts[#parts + 1] = format("item %d: %d", i, i % 7)
    end
  end
  local text = table.concat(pieces)
  local joined = table.concat(parts, ", ")
  return format("%d %s %d %s", #text, text:sub(124, 133), #joined, joined:sub(101, 120))
end
