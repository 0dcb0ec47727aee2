"""Writes scikit_learn.json, what scikit-learn makes of a few data sets from given starts, for tests/scikit_learn.rs.

    pip install -r requirements.txt
    python scikit_learn.py            writes the file
    python scikit_learn.py --check    compares a new run with the file

Every fit starts from given parameters, so nothing random comes between two programs, and runs without regularisation
(reg_covar=0) for a given number of iterations: 5, where the path still shows, and 3000, where it has ended. The groups overlap, so
that responsibilities are not all 0 or 1. Write the file anew only for another version of scikit-learn or another case; the
numbers must not change by more than rounding.

scikit-learn adds 10 epsilon to each component's sum of responsibilities, and takes covariances of all types but full as
differences of squares. An EM written out in NumPy without either differed by less than 1e-12 of a parameter's scale, at both
numbers of iterations; after 3000 it stood still.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

HERE = Path(__file__).parent
TARGET = HERE / "scikit_learn.json"
ITERATIONS = (5, 3000)
TYPES = ("full", "tied", "diag", "spherical")
ROUNDING = 1e-9

warnings.simplefilter("ignore", ConvergenceWarning)


def groups(dim, sizes, spread, seed):
    """Groups of different shapes that overlap, to six decimals so that the file stays short."""
    rng = np.random.Generator(np.random.PCG64(seed))
    parts = []
    for size in sizes:
        center, shape = rng.normal(size=dim) * spread, rng.normal(size=(dim, dim)) * 0.6
        parts.append(center + rng.normal(size=(size, dim)) @ shape + 0.5 * rng.normal(size=(size, dim)))
    return np.round(np.concatenate(parts), 6)


def old_faithful(*columns):
    table = np.loadtxt(HERE.parent / "data" / "old_faithful.csv", delimiter=",", skiprows=1)
    return table[:, list(columns)]


def start(data, k, kind):
    """Means at k rows far from each other, the covariance of all rows, unequal weights."""
    rows = [0]
    while len(rows) < k:
        distance = ((data[:, None] - data[rows]) ** 2).sum(axis=2).min(axis=1)
        rows.append(int(distance.argmax()))
    weights = np.arange(1, k + 1) / (k * (k + 1) / 2)
    covariance = np.atleast_2d(np.cov(data.T, bias=True))
    diagonal = np.diag(covariance)
    covariances = {
        "full": np.stack([covariance] * k),
        "tied": covariance,
        "diag": np.stack([diagonal] * k),
        "spherical": np.full(k, diagonal.mean()),
    }[kind]
    return weights, data[rows], covariances


def fit(data, kind, begin, iterations):
    weights, means, covariances = begin
    precisions = np.linalg.inv(covariances) if kind in ("full", "tied") else 1 / covariances
    model = GaussianMixture(
        len(weights), covariance_type=kind, weights_init=weights, means_init=means, precisions_init=precisions,
        tol=0, reg_covar=0, max_iter=iterations,
    )
    return model.fit(data)


def parameters(model):
    return {
        "weights": model.weights_.tolist(),
        "means": model.means_.tolist(),
        "covariances": model.covariances_.tolist(),
    }


def case(name, data, k, kind, keep_data):
    begin = start(data, k, kind)
    early, late = (fit(data, kind, begin, n) for n in ITERATIONS)
    return {
        "name": f"{name}, {kind}",
        "type": kind,
        "data": data.tolist() if keep_data else name,
        "start": dict(zip(("weights", "means", "covariances"), (part.tolist() for part in begin))),
        "early": parameters(early),
        "late": parameters(late),
        "mean_ln_likelihood": float(late.score(data)),
        "aic": float(late.aic(data)),
        "bic": float(late.bic(data)),
        "n_parameters": int(late._n_parameters()),
        "ln_pdf": late.score_samples(data[:5]).tolist(),
        "responsibilities": late.predict_proba(data[:5]).tolist(),
    }


def cases():
    sets = [
        ("waiting", old_faithful(1), 2, False),
        ("eruptions and waiting", old_faithful(0, 1), 2, False),
        ("three groups in a plane", groups(2, (60, 50, 40), 2.5, 1), 3, True),
        ("two groups in five dimensions", groups(5, (80, 70), 1.0, 12), 2, True),
    ]
    return {
        "iterations": list(ITERATIONS),
        "cases": [case(name, data, k, kind, keep) for name, data, k, keep in sets for kind in TYPES],
    }


def largest_difference(a, b):
    if isinstance(a, dict):
        return max(largest_difference(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return max((largest_difference(x, y) for x, y in zip(a, b, strict=True)), default=0.0)
    if isinstance(a, str):
        return 0.0 if a == b else float("inf")
    return abs(a - b) / max(1.0, abs(a))


if __name__ == "__main__":
    found = cases()
    if "--check" in sys.argv:
        difference = largest_difference(json.loads(TARGET.read_text()), found)
        print(f"largest relative difference {difference:.1e}")
        sys.exit(difference > ROUNDING)
    TARGET.write_text(json.dumps(found, separators=(",", ":")) + "\n")
