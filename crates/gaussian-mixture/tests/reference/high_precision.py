"""Writes high_precision.json: mixtures in 60-digit arithmetic, from the exact binary values of their parameters."""
import json
import pathlib
from mpmath import mp, mpf, erfc, exp, log, pi, sqrt

mp.dps = 60
MIXTURES = [
    ([1.0], [0.3], [1.7], [-60.0, -3.0, 0.3, 5.0, 62.0]),
    ([0.6, 0.4], [0.0, 6.0], [1.0, 0.5], [-37.0, -5.1, 0.0, 3.0, 10.0, 20.0, 24.0]),
    ([0.5, 0.5], [0.0, 1.0], [1e-8, 1e8], [-3.65e9, -3e-7, 1e-9, 1.0, 3.5e9]),
    ([0.2, 0.5, 0.3], [-1.5, 0.1, 2.0], [0.5, 0.1, 1.2], [-40.0, -1.0, 0.07, 1.9, 44.0]),
]


def evaluate(weights, means, std_devs, points):
    w, m, s = ([mpf(v) for v in values] for values in (weights, means, std_devs))
    ks = range(len(w))
    z = lambda k, x: (mpf(x) - m[k]) / s[k]
    pdf = lambda x: sum(w[k] / (s[k] * sqrt(2 * pi)) * exp(-z(k, x) ** 2 / 2) for k in ks)
    cdf = lambda x: sum(w[k] * erfc(-z(k, x) / sqrt(2)) / 2 for k in ks)
    sf = lambda x: sum(w[k] * erfc(z(k, x) / sqrt(2)) / 2 for k in ks)

    def between(a, b):
        mp.dps = 400
        p = sf(a) - sf(b)
        mp.dps = 60
        return p

    def root(f, low, high):
        """By bisection: 200 halvings are 60 digits."""
        low, high, rising = mpf(low), mpf(high), f(mpf(high)) > 0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (low, middle) if (f(middle) > 0) == rising else (middle, high)
        return low

    lowest, highest = min(m[k] - 40 * s[k] for k in ks), max(m[k] + 40 * s[k] for k in ks)
    quantiles = [{"p": p, "x": float(root(lambda x: log(cdf(x) / mpf(p)), lowest, highest))}
                 for p in (1e-300, 1e-12, 0.1, 0.5, 0.9)]

    def entropy():
        mp.dps = 25
        ends = sorted(m[k] + step * s[k] for k in ks for step in range(-20, 21, 2))
        h = mp.quad(lambda x: -pdf(x) * log(pdf(x)), ends)
        mp.dps = 60
        return h

    def p_value(x):
        """P(f(Y) <= f(x)): every crossing of the level, found on a fine grid, then the intervals where f is below."""
        level = pdf(x)
        grid = [lowest + (highest - lowest) * i / 4001 for i in range(4002)]
        below = [pdf(y) <= level for y in grid]
        crossings = [root(lambda y: pdf(y) - level, grid[i], grid[i + 1]) for i in range(4001) if below[i] != below[i + 1]]
        if not crossings:
            return mpf(1)
        p = cdf(crossings[0]) + sf(crossings[-1])
        return p + sum(sf(a) - sf(b) for a, b in zip(crossings[1:-1:2], crossings[2::2]))

    mean = sum(w[k] * m[k] for k in ks)
    d = [m[k] - mean for k in ks]
    v = sum(w[k] * (s[k] ** 2 + d[k] ** 2) for k in ks)
    rows = [{"x": x, "pdf": float(pdf(x)), "ln_pdf": float(log(pdf(x))), "cdf": float(cdf(x)), "sf": float(sf(x)),
             "ln_cdf": float(log(1 - sf(x)) if cdf(x) > 0.5 else log(cdf(x))),
             "ln_sf": float(log(1 - cdf(x)) if sf(x) > 0.5 else log(sf(x)))} for x in points]
    ends = [(x, x + h * abs(x or 1)) for x in points for h in (1e-9, 0.01, 0.5)]
    return {"weights": weights, "means": means, "std_devs": std_devs, "points": rows,
            "intervals": [{"low": a, "high": b, "probability": float(between(a, b))} for a, b in ends],
            "quantiles": quantiles, "entropy": float(entropy()),
            # A grid that sees every crossing; two scales 1e16 apart have none.
            "p_values": [{"x": x, "p": float(p_value(x))} for x in points] if max(s) < 1e6 else [],
            "mean": float(mean), "variance": float(v),
            "skewness": float(sum(w[k] * (3 * s[k] ** 2 * d[k] + d[k] ** 3) for k in ks) / v ** mpf(1.5)),
            "kurtosis": float(sum(w[k] * (3 * s[k] ** 4 + 6 * s[k] ** 2 * d[k] ** 2 + d[k] ** 4) for k in ks) / v ** 2)}


def as_text(value):
    """Numbers as strings: the JSON parser of the tests may round one in its last bit, Rust's own parser does not."""
    if isinstance(value, dict):
        return {key: as_text(entry) for key, entry in value.items()}
    return [as_text(entry) for entry in value] if isinstance(value, list) else repr(value)


out = pathlib.Path(__file__).with_name("high_precision.json")
out.write_text(json.dumps(as_text([evaluate(*m) for m in MIXTURES]), indent=1) + "\n")
