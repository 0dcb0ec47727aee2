"""Prints the polynomial of src/normal/mills.rs: (z + 5) M(z) in t = (z - 5)/(z + 5), with M the ratio of the tail of the normal
distribution to its density, from its Chebyshev series in 50-digit arithmetic."""
from mpmath import cos, erfc, exp, mp, mpf, nstr, pi, sqrt

mp.dps = 50
MIDDLE = 5
TERMS = 24


def mills(z):
    """By its asymptotic series where the exponential overflows even here."""
    if z < 200:
        return sqrt(pi / 2) * exp(z * z / 2) * erfc(z / sqrt(2))
    return 1 / z - 1 / z ** 3 + 3 / z ** 5 - 15 / z ** 7 + 105 / z ** 9 - 945 / z ** 11


def scaled(t):
    z = MIDDLE * (1 + t) / (1 - t)
    return (z + MIDDLE) * mills(z)


n = 48
angles = [pi * (j + mpf(1) / 2) / n for j in range(n)]
values = [scaled(cos(a)) for a in angles]
series = [(2 - (k == 0)) * sum(v * cos(k * a) for v, a in zip(values, angles)) / n for k in range(n)]
powers, before, this = [mpf(0)] * TERMS, [mpf(1)], [mpf(0), mpf(1)]
for c in series[:TERMS]:
    for j, b in enumerate(before):
        powers[j] += c * b
    doubled = [mpf(0)] + [2 * b for b in this]
    before, this = this, [d - (before[j] if j < len(before) else 0) for j, d in enumerate(doubled)]
print("error", nstr(sum(abs(c) for c in series[TERMS:]), 3), [float(c) for c in powers])
