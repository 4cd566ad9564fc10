local function count(text, counts)
  for word in text:gmatch("[^ ]+") do
    local key = word:lower()
    counts[key] = (counts[key] or 0) + 1
  end
  return counts
end

function main(n)
  local lines = {
    "The quick brown fox jumps over the lazy dog",
    "It was the best of times it was the worst of times",
    "To be or not to be that is the question",
  }
  local counts = {}
  for i = 0, n - 1 do
    counts = count(lines[i % 3 + 1] .. string.format(" w%d", i % 50), counts)
  end
  local rows = {}
  for key, value in pairs(counts) do rows[#rows + 1] = {key, value} end
  table.sort(rows, function(a, b)
    if a[2] ~= b[2] then return a[2] > b[2] end
    return a[1] < b[1]
  end)
  local out = {}
  for i = 1, 3 do out[i] = string.format("%s=%d", rows[i][1], rows[i][2]) end
  return table.concat(out, " ")
end
