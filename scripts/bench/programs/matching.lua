-- Without `match`: the tests written out.
local function size(event)
  if type(event) == "table" then
    if event.kind == "click" and event.x and event.y then
      return event.x + event.y
    elseif event.kind == "key" and event.code then
      if event.code < 32 then return 1 end
      return event.code
    elseif #event == 3 and event[1] == "move" then
      return event[2] * event[3]
    end
  elseif event == 0 or event == 1 or event == 2 then
    return 3
  end
  return 7
end

function main(n)
  local events = {
    {kind = "click", x = 3, y = 4},
    {kind = "key", code = 10},
    {kind = "key", code = 65},
    {"move", 2, 5},
    1,
    "none",
  }
  local total = 0
  for i = 0, n - 1 do
    total = total + size(events[i % 6 + 1])
  end
  return total
end
