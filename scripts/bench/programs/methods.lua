local Square = {}
Square.__index = Square
function Square.new(side) return setmetatable({side = side}, Square) end
function Square:area() return self.side * self.side end
function Square:grown(by) return Square.new(self.side + by) end

local Box = {}
Box.__index = Box
function Box.new(width, height) return setmetatable({width = width, height = height}, Box) end
function Box:area() return self.width * self.height end
function Box:grown(by) return Box.new(self.width + by, self.height) end

function main(n)
  local shapes = {Square.new(3), Box.new(2, 5), Square.new(1)}
  local total = 0
  for i = 0, n - 1 do
    local shape = shapes[i % 3 + 1]
    total = total + shape:area()
    if i % 4 == 0 then
      total = total + shape:grown(i % 10):area()
    end
  end
  return total
end
