//! Parameters that describe no mixture.

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
    /// An array has another shape than the number of components and dimensions ask for.
    #[error("expected {what} of shape {expected:?}, found the shape {found:?}")]
    Shape {
        /// `"means"` or `"covariances"`.
        what: &'static str,
        /// The shape that fits the weights and means.
        expected: Vec<usize>,
        /// The shape found.
        found: Vec<usize>,
    },
    /// A coordinate of a mean is infinite or NaN.
    #[error("expected finite means, found {value} in component {component}, coordinate {axis}")]
    MeanEntry {
        /// Which component.
        component: usize,
        /// Which coordinate.
        axis: usize,
        /// Its value.
        value: f64,
    },
    /// An entry of a covariance is infinite or NaN.
    #[error(
        "expected finite covariances, found {value} in component {component}, row {row}, column {column}"
    )]
    CovarianceEntry {
        /// Which component; 0 for a tied covariance.
        component: usize,
        /// Which row.
        row: usize,
        /// Which column.
        column: usize,
        /// Its value.
        value: f64,
    },
    /// A covariance differs from its transpose.
    #[error(
        "expected symmetric covariances, found {value} in component {component}, row {row}, column {column}, and {mirrored} opposite"
    )]
    NotSymmetric {
        /// Which component; 0 for a tied covariance.
        component: usize,
        /// Which row.
        row: usize,
        /// Which column.
        column: usize,
        /// What is there.
        value: f64,
        /// What is in its place with row and column exchanged.
        mirrored: f64,
    },
    /// A covariance has a direction without variance, or a negative one.
    #[error(
        "expected positive definite covariances, found {value} left at pivot {pivot} of component {component}"
    )]
    NotPositiveDefinite {
        /// Which component; 0 for a tied covariance.
        component: usize,
        /// The first coordinate that has nothing left once those before it are known.
        pivot: usize,
        /// What is left there.
        value: f64,
    },
    /// There is no such component.
    #[error("expected a component below {n_components}, found {index}")]
    Component {
        /// The index asked for.
        index: usize,
        /// The number of components.
        n_components: usize,
    },
}
