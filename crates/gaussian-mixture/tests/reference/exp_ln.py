"""Writes exp_ln.json: e^x and ln x in 60-digit arithmetic, each as the nearest double and what that lacks. Prints the
coefficients of the polynomials in src/simd."""
import json
import math
import pathlib
import random
from mpmath import cos, exp, ln, lu_solve, matrix, mp, mpf, nstr, pi, sqrt

mp.dps = 60
SMALLEST = 2.0 ** -1022
rng = random.Random(1)


def minimax(f, weight, low, high, n):
    """The n coefficients p with the least greatest |weight * (f - p)|, by Remez's exchange, and that error."""
    nodes = sorted((low + high) / 2 + (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * n + 2)) for i in range(n + 1))
    for _ in range(10):
        system = matrix([[x ** j for j in range(n)] + [(-1) ** i / weight(x)] for i, x in enumerate(nodes)])
        p = list(lu_solve(system, matrix([f(x) for x in nodes])))[:n]
        error = lambda x: weight(x) * (f(x) - sum(c * x ** j for j, c in enumerate(p)))
        grid = [low + (high - low) * i / mpf(2000) for i in range(2001)]
        runs = [[grid[0]]]
        for x in grid[1:]:
            runs[-1].append(x) if (error(x) > 0) == (error(runs[-1][0]) > 0) else runs.append([x])
        nodes = [max(run, key=lambda x: abs(error(x))) for run in runs]
        sizes = [abs(error(x)) for x in nodes]
        if max(sizes) < 1.01 * min(sizes):
            return p, max(sizes)
    raise ArithmeticError("no convergence")


def polynomials():
    edge = ln(2) / 2 * mpf("1.0001")
    series = lambda r: (exp(r) - 1 - r) / r ** 2 if abs(r) > 1e-12 else mpf(1) / 2 + r / 6 + r ** 2 / 24
    yield "P", minimax(series, lambda r: (r ** 2 + 1e-9) / exp(r), -edge, edge, 10)
    edge = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.0001")
    odd = lambda s, z: (ln((1 + s) / (1 - s)) - 2 * s) / (s * z)
    series = lambda z: odd(sqrt(z), z) if z > 1e-14 else mpf(2) / 3 + 2 * z / 5
    yield "R", minimax(series, lambda z: z + mpf("1e-12"), mpf(0), edge, 7)


def row(f, x):
    """x, f(x) rounded and the rest, as text that reads back to the same double."""
    exact = f(mpf(x))
    rounded = float(exact)
    return [repr(v) for v in (x, rounded, float(exact - mpf(rounded)))]


exponents = [rng.uniform(-745.2, 709.78) for _ in range(300)] + [rng.uniform(-1, 1) for _ in range(100)]
exponents += [(n + 0.5) * math.log(2) + d for n in (-1070, -300, -2, -1, 0, 1, 7, 900) for d in (-1e-13, 0.0, 1e-13)]
exponents += [sign * 10.0 ** e for e in range(-320, 1, 20) for sign in (1, -1)]
exponents += [709.782712893384, -708.3964185322641, -708.3964185322642, -745.1332191019411]
numbers = [math.ldexp(rng.uniform(0.5, 1), rng.randint(-1073, 1024)) for _ in range(300)]
numbers += [rng.uniform(0.5, 2) for _ in range(100)] + [1 + sign * 2.0 ** -e for e in range(1, 53) for sign in (1, -1)]
numbers += [math.sqrt(2) * 2.0 ** e * (1 + d) for e in (-1, 0, 5) for d in (-2e-16, 0, 2e-16)]
numbers += [5e-324, 1e-310, SMALLEST, math.nextafter(SMALLEST, 0), 1.7976931348623157e308, 1.0, 2.0]
if __name__ == "__main__":
    for name, (p, error) in polynomials():
        print(name, nstr(error, 3), [float(c) for c in p])
    table = {"exp": [row(exp, x) for x in exponents], "ln": [row(ln, x) for x in numbers]}
    text = json.dumps(table).replace("], [", "],\n[").replace(': [[', ': [\n[').replace("]],", "]],\n")
    pathlib.Path(__file__).with_name("exp_ln.json").write_text(text + "\n")
