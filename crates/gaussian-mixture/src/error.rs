//! What can be wrong with an input, as data: which value, where, and what was expected instead.

mod axis;
mod fit;
mod grid;
mod histogram;
mod parameter;
mod probability;
mod sample;

pub use axis::AxisError;
pub use fit::FitError;
pub use grid::GridError;
pub use histogram::HistogramError;
pub use parameter::ParameterError;
pub use probability::{IntervalError, ProbabilityError};
pub use sample::SampleError;
