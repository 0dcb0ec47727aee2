//! What can be wrong with an input, as data: which value, where, and what was expected instead.

use thiserror::Error;

/// The parameters given for a mixture do not describe one.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// There is no component at all.
    #[error("expected at least one component, found none")]
    NoComponents,
    /// One list is longer than another; every component needs a weight, a mean and a standard deviation.
    #[error("expected one of {what} per weight, that is {expected}, found {found}")]
    Length {
        /// The list in question, `"means"` or `"std_devs"`.
        what: &'static str,
        /// The number of weights.
        expected: usize,
        /// The number of values in the list.
        found: usize,
    },
    /// A weight is negative, infinite or NaN.
    #[error("expected weights[{index}] to be finite and not negative, found {value}")]
    Weight {
        /// Which weight.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// The weights do not add up to 1.
    #[error(
        "expected weights that sum to 1, found the sum {sum}; to divide by their sum, build them with Weights::from_proportions"
    )]
    WeightSum {
        /// What they add up to.
        sum: f64,
    },
    /// The proportions cannot be divided by their sum: it is 0, or overflows.
    #[error("expected proportions with a positive, finite sum, found the sum {sum}")]
    ProportionSum {
        /// What they add up to.
        sum: f64,
    },
    /// A mean is infinite or NaN.
    #[error("expected means[{index}] to be finite, found {value}")]
    Mean {
        /// Which mean.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A standard deviation is zero, negative, infinite or NaN.
    #[error("expected std_devs[{index}] to be finite and positive, found {value}")]
    StdDev {
        /// Which standard deviation.
        index: usize,
        /// Its value.
        value: f64,
    },
}

impl From<std::convert::Infallible> for ParameterError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// The samples cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum SampleError {
    /// There are none.
    #[error("expected at least one sample, found none")]
    Empty,
    /// One of them is infinite or NaN.
    #[error("expected finite samples, found {value} at index {index}")]
    NotFinite {
        /// Which sample.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// All of them are the same number, so there is no width to measure.
    #[error("expected samples that differ, found the value {value} in every one")]
    Constant {
        /// That number.
        value: f64,
    },
}

/// A mixture cannot be fitted to these samples with these options.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FitError {
    /// The samples themselves are unusable.
    #[error(transparent)]
    Samples(#[from] SampleError),
    /// A mixture of zero components was asked for.
    #[error("expected at least one component to fit, found n_components = 0")]
    NoComponents,
    /// There are more components than samples.
    #[error(
        "expected at least as many samples as components, found {n_samples} samples for {n_components} components"
    )]
    TooFewSamples {
        /// The number of samples.
        n_samples: usize,
        /// The number of components asked for.
        n_components: usize,
    },
    /// No start was asked for.
    #[error("expected at least one start, found restarts = 0")]
    NoRestarts,
    /// The samples are so close together that half their range is 0 for `f64`.
    #[error("expected samples further apart than from {low:e} to {high:e}, which f64 cannot halve")]
    TooClose {
        /// The smallest sample.
        low: f64,
        /// The largest sample.
        high: f64,
    },
    /// An option has a value without a meaning.
    #[error("expected {option} to be {expected}, found {value}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What it must be.
        expected: &'static str,
        /// Its value.
        value: f64,
    },
    /// The fitted parameters leave the range of `f64`: the samples are closer together, or further apart, than
    /// it can express.
    #[error("the fitted parameters leave the range of f64: {0}")]
    Unrepresentable(#[from] ParameterError),
}

/// A curve cannot be integrated.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum GridError {
    /// The grid and the values have different lengths.
    #[error("expected one value per grid point, found {n_points} points and {n_values} values")]
    Length {
        /// The number of grid points.
        n_points: usize,
        /// The number of values.
        n_values: usize,
    },
    /// An area needs two points at least.
    #[error("expected at least two grid points, found {n_points}")]
    TooShort {
        /// The number of grid points.
        n_points: usize,
    },
    /// A grid point or a value is infinite or NaN.
    #[error("expected finite {what}, found {value} at index {index}")]
    NotFinite {
        /// `"grid points"` or `"values"`.
        what: &'static str,
        /// Which one.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// Grid and values are finite, but the area is too large for `f64`.
    #[error("expected an area that f64 can hold, found {area}")]
    Overflow {
        /// What came out: infinite or NaN.
        area: f64,
    },
    /// A grid point is not greater than the one before it.
    #[error("expected an increasing grid, found {right} at index {index} after {left}")]
    NotIncreasing {
        /// The index of the right-hand point.
        index: usize,
        /// The point before it.
        left: f64,
        /// The point that is not greater.
        right: f64,
    },
}

/// A histogram cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum HistogramError {
    /// The samples themselves are unusable.
    #[error(transparent)]
    Samples(#[from] SampleError),
    /// A histogram of zero bins was asked for.
    #[error("expected at least one bin, found n_bins = 0")]
    NoBins,
    /// More bins were asked for than anybody can see.
    #[error("expected at most {most} bins, found n_bins = {n_bins}")]
    TooManyBins {
        /// The number of bins asked for.
        n_bins: usize,
        /// The largest number that is made.
        most: usize,
    },
    /// The bins are so narrow or so wide that `f64` cannot tell their edges apart or divide by their width.
    #[error("expected bins with a width to divide by, found {n_bins} between {low:e} and {high:e}")]
    BinWidth {
        /// The number of bins asked for.
        n_bins: usize,
        /// The smallest sample.
        low: f64,
        /// The largest sample.
        high: f64,
    },
}
