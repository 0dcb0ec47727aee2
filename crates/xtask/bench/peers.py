"""scikit-learn's, oneDAL's and mlpack's answers to `cargo xtask bench`: a line of eight words in, a line of JSON out.

Called with the peer, the folder of the data and the number of threads. The words are explained in
`ours/src/measure.rs`.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import daal4py
import mlpack
import numpy as np
import scipy
import sklearn
from scipy.special import ndtr
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

PEER, FOLDER, THREADS = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
TOLERANCE = 1e-3
# Our names of covariance types, in scikit-learn's words.
TYPES = {"full": "full", "tied": "tied", "diagonal": "diag", "spherical": "spherical"}


def read(name):
    return np.fromfile(FOLDER / name, dtype="<f8")


def parameters(name, covariances, k, d):
    """Weights, means and covariances, each in the shape that scikit-learn gives them."""
    values = read(name)
    shapes = {"full": (k, d, d), "tied": (d, d), "diagonal": (k, d), "spherical": (k,)}
    means = values[k : k + k * d].reshape(k, d)
    return values[:k], means, values[k + k * d :].reshape(shapes[covariances])


def write(name, *arrays):
    np.concatenate([np.ravel(array) for array in arrays]).astype("<f8").tofile(FOLDER / name)


def timed(work):
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def answer(seconds, value=None, iterations=0):
    return {"seconds": seconds, "value": value, "iterations": iterations}


def inverse(covariances, values):
    return np.linalg.inv(values) if covariances in ("full", "tied") else 1 / values


def ready(weights, means, full):
    """A GaussianMixture of these parameters, as if it had been fitted."""
    mixture = GaussianMixture(len(weights), random_state=0)
    mixture.weights_, mixture.means_, mixture.covariances_ = weights, means, full
    mixture.precisions_cholesky_ = np.linalg.cholesky(np.linalg.inv(full))
    return mixture


def scikit_learn(kind, covariances, k, d, count, data, start, fitted):
    if kind in ("fit", "whole"):
        seed = count if kind == "whole" else 0
        mixture = GaussianMixture(k, covariance_type=TYPES[covariances], random_state=seed, tol=TOLERANCE)
        if kind == "fit":
            weights, means, values = parameters(start, covariances, k, d)
            mixture.set_params(tol=0, reg_covar=0, max_iter=count, weights_init=weights, means_init=means)
            mixture.set_params(precisions_init=inverse(covariances, values))
        samples = read(data).reshape(-1, d)
        _, seconds = timed(lambda: mixture.fit(samples))
        write(fitted, mixture.weights_, mixture.means_, mixture.covariances_)
        return answer(seconds, iterations=mixture.n_iter_)
    if kind not in ("ln_pdf", "cdf", "quantile", "sample"):
        return {"cannot": True}
    weights, means, values = parameters(start, covariances, k, d)
    if kind == "sample":
        (drawn, _), seconds = timed(lambda: ready(weights, means, values).sample(count))
        return answer(seconds, drawn.mean())
    points = read(data)
    if kind == "ln_pdf":
        mixture, rows = ready(weights, means, values), points.reshape(-1, d)
        result, seconds = timed(lambda: mixture.score_samples(rows))
    elif kind == "cdf":
        locations, scales = means.ravel(), np.sqrt(values.ravel())
        result, seconds = timed(lambda: sum(w * ndtr((points - m) / s) for w, m, s in zip(weights, locations, scales)))
    else:
        normals = [scipy.stats.Normal(mu=m, sigma=s) for m, s in zip(means.ravel(), np.sqrt(values.ravel()))]
        result, seconds = timed(lambda: scipy.stats.Mixture(normals, weights=weights).icdf(points))
    return answer(seconds, result.mean())


def one_dal(kind, covariances, k, d, count, data, start, fitted):
    if kind not in ("fit", "whole") or covariances not in ("full", "diagonal"):
        return {"cannot": True}
    samples = read(data).reshape(-1, d)
    options = {"nComponents": k, "covarianceStorage": covariances}
    if kind == "fit":
        weights, means, values = parameters(start, covariances, k, d)
        given = [weights[None], means, [value.reshape(-1, d) for value in values]]
        # What it adds to a covariance that is not positive definite. Its tolerance is one of the total, not of the mean.
        fit = daal4py.em_gmm(maxIterations=count, accuracyThreshold=0.0, regularizationFactor=0.0, **options)
        result, seconds = timed(lambda: fit.compute(samples, *given))
    else:
        threshold = TOLERANCE * len(samples)
        begin = daal4py.em_gmm_init(engine=daal4py.engines_mt19937(seed=count), **options)
        fit = daal4py.em_gmm(maxIterations=100, accuracyThreshold=threshold, **options)

        def whole():
            start = begin.compute(samples)
            return fit.compute(samples, start.weights, start.means, start.covariances)

        result, seconds = timed(whole)
    write(fitted, result.weights, result.means, *result.covariances)
    return answer(seconds, iterations=int(result.nIterations[0, 0]))


def ready_model(weights, means, full):
    """mlpack's model of these parameters, in place of those of a fit."""
    (k, d), noise = means.shape, np.random.default_rng(0)
    some = noise.normal(size=(40 * k * d, d))
    model = mlpack.gmm_train(gaussians=k, input_=some, seed=1, max_iterations=1, trials=1)["output_model"]
    known = model.get_cpp_params()
    known["GMM"]["weights"] = weights[None]
    for component, mean, covariance in zip(known["GMM"]["dists"], means, full):
        lower = np.linalg.cholesky(covariance)
        component.update(mean=mean[None], covariance=covariance, covLower=lower)
        component.update(invCov=np.linalg.inv(covariance), logDetCov=2 * np.log(np.diag(lower)).sum())
    model.set_cpp_params(known)
    return model


def ml_pack(kind, covariances, k, d, count, data, start, fitted):
    if (kind, covariances) == ("ln_pdf", "full"):
        samples = read(data).reshape(-1, d)
        model = ready_model(*parameters(start, covariances, k, d))
        # The density itself, from which the logarithm is then taken.
        result, seconds = timed(lambda: mlpack.gmm_probability(input_=samples, input_model=model))
        return answer(seconds, np.log(result["output"]).mean())
    if kind not in ("fit", "whole") or covariances not in ("full", "diagonal"):
        return {"cannot": True}
    samples = read(data).reshape(-1, d)
    # Its tolerance is one of the total, not of the mean. It takes no start: it begins with k-means, the same for a seed, of which 0 is the
    # clock's.
    options = {"seed": 1, "tolerance": 0.0, "max_iterations": count, "no_force_positive": True}
    if kind == "whole":
        options = {"seed": 1 + count, "tolerance": TOLERANCE * len(samples)}
    options["diagonal_covariance"] = covariances == "diagonal"
    result, seconds = timed(lambda: mlpack.gmm_train(gaussians=k, input_=samples, **options))
    mixture = result["output_model"].get_cpp_params()["GMM"]
    matrices = [np.atleast_2d(dist["covariance"]) for dist in mixture["dists"]]
    if covariances == "diagonal":
        matrices = [matrix if matrix.size == d else np.diag(matrix) for matrix in matrices]
    write(fitted, mixture["weights"], *(dist["mean"] for dist in mixture["dists"]), *matrices)
    return answer(seconds, iterations=count)


def main():
    warnings.simplefilter("ignore", ConvergenceWarning)
    daal4py.daalinit(nthreads=THREADS)
    peer = {"scikit-learn": scikit_learn, "oneDAL": one_dal, "mlpack": ml_pack}[PEER]
    for line in sys.stdin:
        kind, covariances, k, d, count, *files = line.split()
        try:
            reply = peer(kind, covariances, int(k), int(d), int(count), *files)
        except Exception as error:  # told to xtask, which says whose it is
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
