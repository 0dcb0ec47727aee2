//! One measurement of this project's crate. The same text is compiled here, optimised as any release, and inside the notebooks'
//! kernel, as a cell. So it uses nothing but what a notebook has.
//!
//! A request has eight words: what to do, the covariances' type, K, d, a count, which is a seed for whole fits, and the files of data, of
//! parameters, and for those that were fitted. `-` stands for none. Files are numbers of eight bytes, the lowest first.

use gaussian_mixture::{
    Acceleration, CovarianceType, Covariances, Fit, FitOptions, GaussianMixture, Moments,
    MultivariateGaussianMixture, Start, with_threads,
};
use ndarray::{Array1, Array2, Array3};
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

/// The tolerance of a whole fit, the same for all who are compared.
const TOLERANCE: f64 = 1e-3;
/// Samples that are there at a time, of a stream.
const CHUNK: usize = 1_000_000;

/// What is said of a measurement.
pub(crate) struct Answer {
    /// What was measured, without reading files.
    pub(crate) seconds: f64,
    /// What a wrong answer would not have: the mean of what was computed.
    pub(crate) value: f64,
    /// Of a fit.
    pub(crate) iterations: usize,
}

/// A request, taken apart.
struct Task<'a> {
    folder: &'a Path,
    kind: &'a str,
    covariances: &'a str,
    k: usize,
    d: usize,
    count: usize,
    data: &'a str,
    parameters: &'a str,
    fitted: &'a str,
}

/// The answer to a request as a line of JSON.
pub(crate) fn answer(folder: &Path, request: &str) -> String {
    match measure(folder, request) {
        Ok(Answer { seconds, value, iterations }) => {
            format!(
                "{{\"seconds\": {seconds:?}, \"value\": {value:?}, \"iterations\": {iterations}}}"
            )
        }
        Err(error) => format!("{{\"error\": {:?}}}", error.to_string()),
    }
}

fn measure(folder: &Path, request: &str) -> Result<Answer, Box<dyn Error>> {
    let words: Vec<&str> = request.split(' ').collect();
    let &[kind, covariances, k, d, count, data, parameters, fitted] = words.as_slice() else {
        return Err("expected eight words".into());
    };
    let (k, d, count) = (k.parse()?, d.parse()?, count.parse()?);
    let task = Task { folder, kind, covariances, k, d, count, data, parameters, fitted };
    with_threads(n_threads(), || match (kind, d) {
        ("fit" | "whole" | "single" | "defaults", 1) => task.fit(),
        ("fit" | "whole" | "single" | "defaults", _) => task.fit_rows(),
        ("ln_pdf", 2..) => task.ln_pdf_rows(),
        ("sample", 1) => task.sample(),
        ("stream", 1) => task.stream(),
        (_, 1) => task.evaluate(),
        _ => Err(format!("there is no {kind} in {d} dimensions").into()),
    })
}

impl Task<'_> {
    fn fit(&self) -> Result<Answer, Box<dyn Error>> {
        let samples = self.read(self.data)?;
        let options = self.options(FitOptions::new(self.k), || self.mixture())?;
        let (fit, seconds) = timed(|| GaussianMixture::fit(&samples, &options));
        let Fit { mixture, report } = fit?;
        let variances = mixture.std_devs().iter().map(|s| s * s);
        let parameters = mixture.weights().iter().chain(mixture.means()).copied();
        self.write(parameters.chain(variances))?;
        let (value, iterations) = (report.mean_ln_likelihood(), report.n_iterations());
        Ok(Answer { seconds, value, iterations })
    }

    fn fit_rows(&self) -> Result<Answer, Box<dyn Error>> {
        let rows = self.rows()?;
        let defaults = FitOptions::multivariate(self.k, self.covariance_type()?);
        let options = self.options(defaults, || self.mixture_of_rows())?;
        let (fit, seconds) = timed(|| MultivariateGaussianMixture::fit(&rows, &options));
        let Fit { mixture, report } = fit?;
        let covariances: Vec<f64> = match mixture.covariances() {
            Covariances::Full(all) => all.iter().copied().collect(),
            Covariances::Tied(all) | Covariances::Diagonal(all) => all.iter().copied().collect(),
            Covariances::Spherical(all) => all.to_vec(),
        };
        let parameters = mixture.weights().iter().chain(mixture.means()).copied();
        self.write(parameters.chain(covariances))?;
        let (value, iterations) = (report.mean_ln_likelihood(), report.n_iterations());
        Ok(Answer { seconds, value, iterations })
    }

    /// From the given start and for so many iterations; or a whole fit, as the others, with a single start, or with nothing but a seed and defaults.
    fn options<M>(
        &self,
        defaults: FitOptions<M>,
        start: impl FnOnce() -> Result<M, Box<dyn Error>>,
    ) -> Result<FitOptions<M>, Box<dyn Error>> {
        if self.kind == "fit" {
            let options = defaults.with_start(Start::Mixture(start()?));
            let plain = options.with_acceleration(Acceleration::None);
            return Ok(plain.with_tolerance(0.0).with_max_iterations(self.count));
        }
        let options = defaults.with_seed(self.count.try_into()?);
        Ok(match self.kind {
            "whole" => options.with_tolerance(TOLERANCE),
            "single" => options.with_tolerance(TOLERANCE).with_restarts(1),
            _ => options,
        })
    }

    fn ln_pdf_rows(&self) -> Result<Answer, Box<dyn Error>> {
        let (rows, mixture) = (self.rows()?, self.mixture_of_rows()?);
        let (values, seconds) = timed(|| mixture.ln_pdf(&rows));
        Ok(Answer { seconds, value: mean(values?.iter()), iterations: 0 })
    }

    fn evaluate(&self) -> Result<Answer, Box<dyn Error>> {
        let (points, mixture) = (self.read(self.data)?, self.mixture()?);
        let (values, seconds) = match self.kind {
            "ln_pdf" => timed(|| mixture.ln_pdf(&points)),
            "cdf" => timed(|| mixture.cdf(&points)),
            "p_value" => timed(|| mixture.p_value(&points)),
            "quantile" => {
                let (values, seconds) = timed(|| mixture.quantile(&points));
                (values?, seconds)
            }
            kind => return Err(format!("what is {kind}?").into()),
        };
        Ok(Answer { seconds, value: mean(values.iter()), iterations: 0 })
    }

    fn sample(&self) -> Result<Answer, Box<dyn Error>> {
        let mixture = self.mixture()?;
        let rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let (values, seconds) =
            timed(|| (&mixture).sample_iter(rng).take(self.count).collect::<Vec<f64>>());
        Ok(Answer { seconds, value: mean(values.iter()), iterations: 0 })
    }

    /// One iteration over samples of which a chunk is there at a time; making the chunks is not timed.
    fn stream(&self) -> Result<Answer, Box<dyn Error>> {
        let mixture = self.mixture()?;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        let mut moments = Moments::new(&mixture);
        let (mut seconds, mut left) = (0.0, self.count);
        while left > 0 {
            let n = left.min(CHUNK);
            let chunk: Vec<f64> = (&mixture).sample_iter(&mut rng).take(n).collect();
            let (added, time) = timed(|| moments.add(&chunk));
            added?;
            seconds += time;
            left -= n;
        }
        let (next, time) = timed(|| moments.m_step(&FitOptions::new(self.k)));
        black_box(next?);
        let value = moments.ln_likelihood() / moments.n_samples();
        Ok(Answer { seconds: seconds + time, value, iterations: 1 })
    }

    fn rows(&self) -> Result<Array2<f64>, Box<dyn Error>> {
        let values = self.read(self.data)?;
        Ok(Array2::from_shape_vec((values.len() / self.d, self.d), values)?)
    }

    fn mixture(&self) -> Result<GaussianMixture, Box<dyn Error>> {
        let [weights, means, variances] = self.parameters()?;
        let std_devs: Vec<f64> = variances.iter().map(|v| v.sqrt()).collect();
        Ok(GaussianMixture::new(weights, means, std_devs)?)
    }

    fn mixture_of_rows(&self) -> Result<MultivariateGaussianMixture, Box<dyn Error>> {
        let (k, d) = (self.k, self.d);
        let [weights, means, values] = self.parameters()?;
        let covariances = match self.covariance_type()? {
            CovarianceType::Full => Covariances::Full(Array3::from_shape_vec((k, d, d), values)?),
            CovarianceType::Tied => Covariances::Tied(Array2::from_shape_vec((d, d), values)?),
            CovarianceType::Diagonal => {
                Covariances::Diagonal(Array2::from_shape_vec((k, d), values)?)
            }
            _ => Covariances::Spherical(Array1::from(values)),
        };
        let means = Array2::from_shape_vec((k, d), means)?;
        Ok(MultivariateGaussianMixture::new(weights, &means, covariances)?)
    }

    fn covariance_type(&self) -> Result<CovarianceType, Box<dyn Error>> {
        match self.covariances {
            "full" => Ok(CovarianceType::Full),
            "tied" => Ok(CovarianceType::Tied),
            "diagonal" => Ok(CovarianceType::Diagonal),
            "spherical" => Ok(CovarianceType::Spherical),
            other => Err(format!("there are no {other} covariances").into()),
        }
    }

    /// Weights, means and covariances, as they lie in the file one after the other.
    fn parameters(&self) -> Result<[Vec<f64>; 3], Box<dyn Error>> {
        let mut weights = self.read(self.parameters)?;
        if weights.len() < self.k * (1 + self.d) {
            return Err("there are too few parameters".into());
        }
        let mut means = weights.split_off(self.k);
        let covariances = means.split_off(self.k * self.d);
        Ok([weights, means, covariances])
    }

    fn read(&self, name: &str) -> Result<Vec<f64>, Box<dyn Error>> {
        let bytes = fs::read(self.folder.join(name))?;
        let (numbers, _) = bytes.as_chunks::<8>();
        Ok(numbers.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect())
    }

    fn write(&self, values: impl Iterator<Item = f64>) -> Result<(), Box<dyn Error>> {
        let bytes: Vec<u8> = values.flat_map(f64::to_le_bytes).collect();
        Ok(fs::write(self.folder.join(self.fitted), bytes)?)
    }
}

/// As many as the usual libraries are told to use; one inside the kernel, where nothing is said.
fn n_threads() -> usize {
    std::env::var("OMP_NUM_THREADS").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// What `work` returns, and how many seconds it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = black_box(work());
    (result, start.elapsed().as_secs_f64())
}

fn mean<'a>(values: impl ExactSizeIterator<Item = &'a f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}
