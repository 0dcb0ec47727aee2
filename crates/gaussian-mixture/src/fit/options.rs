//! How to fit.

use crate::{CovarianceType, FitError, GaussianMixture, MultivariateGaussianMixture};
use ndarray::Array2;

/// How to fit: the number of components, where to start, when to stop, how often to start at most, and with which seed.
///
/// ```
/// use gaussian_mixture::{CovarianceType, FitOptions, Start};
///
/// let options = FitOptions::new(3).with_tolerance(1e-3).with_seed(7);
/// assert_eq!(options.max_iterations, FitOptions::new(3).max_iterations);
/// let in_several_dimensions = FitOptions::multivariate(3, CovarianceType::Tied).with_start(Start::RandomPoints);
/// assert_eq!(in_several_dimensions.covariance_type, CovarianceType::Tied);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FitOptions<M = GaussianMixture> {
    /// The number K of components, at least 1.
    pub n_components: usize,
    /// Which covariances the components may have. In one dimension `Tied` means one common width, and all others mean that
    /// each component has its own. Default `Full`.
    pub covariance_type: CovarianceType,
    /// Where EM starts. Default [`Start::KMeansFirst`].
    pub start: Start<M>,
    /// EM stops when the mean log-likelihood per sample rises by no more than this in one iteration; where it
    /// [crawls](Acceleration::Anderson), in three, or changes by less than a ninth of this in one. 0 asks for the last bit. Default 1e-6.
    pub tolerance: f64,
    /// EM stops after this many iterations in any case; 0 returns the start itself. Default 1000.
    pub max_iterations: usize,
    /// The number of starts, at least 1, of which the one with the greatest log-likelihood is returned; by default at most so many,
    /// as there are fewer where [nothing speaks for another](Start::KMeansFirst). A start that is given is run once, as nothing in it is
    /// random. A run ends as [behind](crate::Stop::Behind) when it would not reach the best one before it. Of 32 768 samples or more,
    /// 16 384, one drawn from each of as many stretches, take part in all starts, and EM goes on with all samples from what the best has
    /// come to. Default 4.
    pub restarts: usize,
    /// The seed of the random starts: the same seed and samples give the same fit. Default 0.
    pub seed: u64,
    /// What no variance falls below. Default [`VarianceFloor::Relative`]`(1e-12)`: a millionth of the samples' standard
    /// deviation.
    pub variance_floor: VarianceFloor,
    /// What stays as it was at the start. Default: nothing.
    pub frozen: Frozen,
    /// On how many threads at most EM passes over the samples; more than one are started only where an iteration takes about a
    /// millisecond or more, and end with the fit. The fit is the same to the last bit whatever their number. Default
    /// `None`: as many as the machine has. [`with_threads`](crate::with_threads) may allow fewer.
    pub n_threads: Option<usize>,
    /// Whether steps longer than EM's own are tried. Default [`Acceleration::Anderson`].
    pub acceleration: Acceleration,
}

/// Where EM starts.
///
/// The first five draw from the seed, and no start repeats the draws of another. Distances are measured in the standard deviation of each
/// coordinate, so that its unit does not matter. Where centers are drawn, all components get one common covariance, that
/// of the samples about the nearest center: a group of one sample would otherwise start as a spike, which EM does not leave.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Start<M = GaussianMixture> {
    /// [`KMeans`](Self::KMeans) first. Each further start is the best result so far with one component moved: one of up to three that the
    /// samples would miss the least goes to where it splits another along its longest axis. Up to eight such moves are tried for two iterations
    /// of EM, with 256 samples for each component, or with all if these are fewer than 512 for each or too few for one of them, if they
    /// have weights, and in bins. From the best two EM is run for three iterations with all samples, which are counted nowhere. What the
    /// better one comes to is the start, or the first one if it seems to lead higher than the result that it came from. If it does not seem
    /// to lead to within 0.01 of that in mean log-likelihood, or no move is left, there are no more starts. Where a component of the
    /// best result has collapsed, the next start is one of [`KMeans`](Self::KMeans) again.
    ///
    /// "Random swap EM algorithm for Gaussian mixture models", Pattern Recognition Letters 33, 2012; "SMEM algorithm for mixture models",
    /// Neural Computation 12, 2000.
    #[default]
    KMeansFirst,
    /// Centers drawn one after the other, far from those already chosen.
    ///
    /// "k-means++: the advantages of careful seeding", SODA 2007; of several candidates per center the best is kept, as its
    /// section 7 suggests.
    KMeansPlusPlus,
    /// Such centers, moved to the means of their groups until that hardly brings the samples nearer. That is only a local optimum, so
    /// centers that the samples would miss the least are tried elsewhere, until eight trials in a row have hardly raised the likelihood
    /// where EM begins. 256 samples for each component, but no fewer than 16 for each coordinate, take part in the trials; all, if they have
    /// weights.
    ///
    /// "Least squares quantization in PCM", IEEE Transactions on Information Theory 28, 1982; "Randomised local search algorithm for the
    /// clustering problem", Pattern Analysis and Applications 3, 2000.
    KMeans,
    /// Responsibilities drawn at random for each sample. All components start near the mean of all samples.
    RandomResponsibilities,
    /// Centers drawn from the samples without regard to each other.
    RandomPoints,
    /// The parameters of this mixture: a warm start, or parameters from elsewhere. Its covariances are converted to the
    /// [type](FitOptions::covariance_type) asked for, and averaged by weight where that holds fewer of them.
    Mixture(M),
    /// Responsibilities of shape (n_samples, n_components), one row per sample (or bin); each row is divided by its sum.
    Responsibilities(Array2<f64>),
}

impl<M> Start<M> {
    /// Whether nothing in it is random.
    pub(super) fn is_given(&self) -> bool {
        matches!(self, Self::Mixture(_) | Self::Responsibilities(_))
    }
}

/// What no variance falls below. Without such a floor a component can shrink onto a single sample, where the likelihood has
/// no upper limit; with it the likelihood still never falls, and a component that does not touch the floor is not changed
/// by it.
///
/// In several dimensions the floor is a diagonal matrix F: no full or tied covariance has less variance than F in any
/// direction, no diagonal one in any coordinate, no spherical one less than the mean of F's diagonal. The entries of a full
/// or tied covariance that lies on a floor of 1e-12 have four digits left in its narrowest direction; the likelihood may then fall by
/// about 1e-6 from one iteration to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum VarianceFloor {
    /// This fraction of the variance of all samples, coordinate by coordinate; from 1e-20 to 1.
    Relative(f64),
    /// This variance, in the squared unit of the samples; finite and positive. Samples may then be all equal.
    Absolute(f64),
}

/// Whether EM is helped along where it crawls, which is where components overlap.
///
/// ```
/// use gaussian_mixture::{Acceleration, FitOptions, GaussianMixture};
/// use rand::{SeedableRng, distr::Distribution, rngs::Xoshiro256PlusPlus};
///
/// let truth = GaussianMixture::new([0.5, 0.5], [0.0, 1.0], [0.5, 0.5])?;
/// let samples: Vec<f64> = truth.sample_iter(Xoshiro256PlusPlus::seed_from_u64(1)).take(1000).collect();
///
/// let accelerated = FitOptions::new(2).with_tolerance(1e-10).with_max_iterations(10_000);
/// let plain = accelerated.clone().with_acceleration(Acceleration::None);
/// let [slow, fast] = [plain, accelerated].map(|options| GaussianMixture::fit(&samples, &options).unwrap().report);
/// assert!(5 * fast.n_e_steps < slow.n_e_steps);
/// assert!(fast.mean_ln_likelihood() > slow.mean_ln_likelihood() - 1e-8);
/// # Ok::<(), gaussian_mixture::ParameterError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Acceleration {
    /// EM as it is, which ends with the first iteration that raises the mean log-likelihood by no more than the tolerance.
    None,
    /// Once EM crawls, which is when an iteration gains more than a fifth of what the last one has gained, each iteration goes to where the
    /// last ones lead, unless the likelihood would fall there: then the step is EM's own, and one pass over the samples was in vain.
    /// As a small gain does not mean that the end is near where EM crawls, it then ends only after three iterations in a row that
    /// raise the mean log-likelihood by no more than the tolerance, or with one that changes it by less than a ninth of that; in either
    /// case with an iteration of EM's own.
    ///
    /// "Iterative procedures for nonlinear integral equations", Journal of the ACM 12, 1965; "Damped Anderson acceleration with
    /// restarts and monotonicity control for accelerating EM and EM-like algorithms", Journal of Computational and Graphical
    /// Statistics 28, 2019.
    #[default]
    Anderson,
}

/// Which parameters stay as they were at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Frozen {
    /// The weights.
    pub weights: bool,
    /// The means.
    pub means: bool,
    /// The covariances; in one dimension the standard deviations.
    pub covariances: bool,
}

impl FitOptions<GaussianMixture> {
    /// The defaults, for K = `n_components` in one dimension.
    pub fn new(n_components: usize) -> Self {
        Self::defaults(n_components, CovarianceType::Full)
    }
}

impl FitOptions<MultivariateGaussianMixture> {
    /// The defaults, for K = `n_components` in several dimensions.
    pub fn multivariate(n_components: usize, covariance_type: CovarianceType) -> Self {
        Self::defaults(n_components, covariance_type)
    }
}

impl<M> FitOptions<M> {
    fn defaults(n_components: usize, covariance_type: CovarianceType) -> Self {
        Self {
            n_components,
            covariance_type,
            start: Start::default(),
            tolerance: 1e-6,
            max_iterations: 1000,
            restarts: 4,
            seed: 0,
            variance_floor: VarianceFloor::Relative(1e-12),
            frozen: Frozen::default(),
            n_threads: None,
            acceleration: Acceleration::default(),
        }
    }

    /// These options with another [number of components](Self::n_components).
    #[must_use]
    pub fn with_n_components(self, n_components: usize) -> Self {
        Self { n_components, ..self }
    }

    /// These options with another [`covariance_type`](Self::covariance_type).
    #[must_use]
    pub fn with_covariance_type(self, covariance_type: CovarianceType) -> Self {
        Self { covariance_type, ..self }
    }

    /// These options with another [`start`](Self::start).
    #[doc(alias = "init_params")]
    #[doc(alias = "warm_start")]
    #[must_use]
    pub fn with_start(self, start: Start<M>) -> Self {
        Self { start, ..self }
    }

    /// These options with another [`tolerance`](Self::tolerance).
    #[must_use]
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// These options with another [limit of iterations](Self::max_iterations).
    #[must_use]
    pub fn with_max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// These options with another [number of starts](Self::restarts).
    #[doc(alias = "n_init")]
    #[must_use]
    pub fn with_restarts(self, restarts: usize) -> Self {
        Self { restarts, ..self }
    }

    /// These options with another [`seed`](Self::seed).
    #[doc(alias = "random_state")]
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// These options with another [`variance_floor`](Self::variance_floor).
    #[doc(alias = "reg_covar")]
    #[must_use]
    pub fn with_variance_floor(self, variance_floor: VarianceFloor) -> Self {
        Self { variance_floor, ..self }
    }

    /// These options with other [frozen](Self::frozen) parameters.
    #[must_use]
    pub fn with_frozen(self, frozen: Frozen) -> Self {
        Self { frozen, ..self }
    }

    /// The same options with another [number of threads](Self::n_threads), at least 1.
    #[doc(alias = "n_jobs")]
    #[must_use]
    pub fn with_threads(self, n_threads: usize) -> Self {
        Self { n_threads: Some(n_threads), ..self }
    }

    /// The same options, accelerated or not.
    #[must_use]
    pub fn with_acceleration(self, acceleration: Acceleration) -> Self {
        Self { acceleration, ..self }
    }

    pub(super) fn check(&self) -> Result<(), FitError> {
        let option = |option, expected, value| Err(FitError::Option { option, expected, value });
        if !(self.tolerance.is_finite() && self.tolerance >= 0.0) {
            return option("tolerance", "finite and not negative", self.tolerance);
        }
        match self.variance_floor {
            // Below 1e-20 the M-step's difference of squares has no digits left to be right with.
            VarianceFloor::Relative(f) if !(1e-20..=1.0).contains(&f) => {
                option("variance_floor", "from 1e-20 to 1 of the samples' variance", f)
            }
            VarianceFloor::Absolute(f) if !(f.is_finite() && f >= f64::MIN_POSITIVE) => {
                option("variance_floor", "finite and positive", f)
            }
            _ if self.restarts == 0 => Err(FitError::NoRestarts),
            _ if self.n_threads == Some(0) => option("n_threads", "at least 1", 0.0),
            _ => Ok(()),
        }
    }
}
