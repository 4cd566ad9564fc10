class Body:
    def __init__(self, x, y, z, vx, vy, vz, mass):
        self.x = x
        self.y = y
        self.z = z
        self.vx = vx
        self.vy = vy
        self.vz = vz
        self.mass = mass


def energy(bodies):
    total = 0.0
    for i in range(len(bodies)):
        a = bodies[i]
        total += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
        for j in range(i + 1, len(bodies)):
            b = bodies[j]
            dx = a.x - b.x
            dy = a.y - b.y
            dz = a.z - b.z
            total -= a.mass * b.mass / (dx * dx + dy * dy + dz * dz) ** 0.5
    return total


def main(n):
    bodies = [
        Body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.47841760435743),
        Body(4.841431442464721, -1.1603200440274284, -0.10362204447112311,
             0.606326392995832, 2.81198684491626, -0.02521836165988763, 0.03769367487038949),
        Body(8.34336671824458, 4.124798564124305, -0.4035234171143214,
             -1.0107743461787924, 1.8256623712304119, 0.008415761376584154, 0.011286326131968767),
        Body(12.894369562139131, -15.111151401698631, -0.22330757889265573,
             1.0827910064415354, 0.8687130181696082, -0.010832637401363636, 0.0017237240570597112),
        Body(15.379697114850917, -25.919314609987964, 0.17925877295037118,
             0.979090732243898, 0.5946989986476762, -0.034755955504078104, 0.0020336868699246304),
    ]
    size = len(bodies)
    dt = 0.001
    for step in range(n):
        for i in range(size):
            a = bodies[i]
            for j in range(i + 1, size):
                b = bodies[j]
                dx = a.x - b.x
                dy = a.y - b.y
                dz = a.z - b.z
                distance = dx * dx + dy * dy + dz * dz
                pull = dt / distance**1.5
                to_a = b.mass * pull
                to_b = a.mass * pull
                a.vx -= dx * to_a
                a.vy -= dy * to_a
                a.vz -= dz * to_a
                b.vx += dx * to_b
                b.vy += dy * to_b
                b.vz += dz * to_b
        for body in bodies:
            body.x += dt * body.vx
            body.y += dt * body.vy
            body.z += dt * body.vz
    return energy(bodies)
