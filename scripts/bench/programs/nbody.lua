local function body(x, y, z, vx, vy, vz, mass)
  return {x = x, y = y, z = z, vx = vx, vy = vy, vz = vz, mass = mass}
end

local function energy(bodies)
  local total = 0.0
  for i = 1, #bodies do
    local a = bodies[i]
    total = total + 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      total = total - a.mass * b.mass / (dx * dx + dy * dy + dz * dz) ^ 0.5
    end
  end
  return total
end

function main(n)
  local bodies = {
    body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.47841760435743),
    body(4.841431442464721, -1.1603200440274284, -0.10362204447112311,
         0.606326392995832, 2.81198684491626, -0.02521836165988763, 0.03769367487038949),
    body(8.34336671824458, 4.124798564124305, -0.4035234171143214,
         -1.0107743461787924, 1.8256623712304119, 0.008415761376584154, 0.011286326131968767),
    body(12.894369562139131, -15.111151401698631, -0.22330757889265573,
         1.0827910064415354, 0.8687130181696082, -0.010832637401363636, 0.0017237240570597112),
    body(15.379697114850917, -25.919314609987964, 0.17925877295037118,
         0.979090732243898, 0.5946989986476762, -0.034755955504078104, 0.0020336868699246304),
  }
  local size, dt = #bodies, 0.001
  for step = 1, n do
    for i = 1, size do
      local a = bodies[i]
      for j = i + 1, size do
        local b = bodies[j]
        local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
        local distance = dx * dx + dy * dy + dz * dz
        local pull = dt / distance ^ 1.5
        local to_a, to_b = b.mass * pull, a.mass * pull
        a.vx = a.vx - dx * to_a
        a.vy = a.vy - dy * to_a
        a.vz = a.vz - dz * to_a
        b.vx = b.vx + dx * to_b
        b.vy = b.vy + dy * to_b
        b.vz = b.vz + dz * to_b
      end
    end
    for i = 1, size do
      local b = bodies[i]
      b.x = b.x + dt * b.vx
      b.y = b.y + dt * b.vy
      b.z = b.z + dt * b.vz
    end
  end
  return energy(bodies)
end
