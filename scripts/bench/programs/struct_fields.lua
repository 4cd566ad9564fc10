local Point = {}
Point.__index = Point
function Point.new(x, y, hits)
  return setmetatable({x = x, y = y, hits = hits}, Point)
end

function main(n)
  local p = Point.new(0, 100, 0)
  for i = 0, n - 1 do
    p.x = p.x + i % 5
    p.y = p.y - 1
    if p.x > p.y then
      p.hits = p.hits + 1
      p.x = 0
    end
  end
  return p.x + p.y * 2 + p.hits * 3
end
