//! Area under a curve given at points, how far it may be off, and where to place the points.

mod grid;
mod trapezoid;

pub use trapezoid::{Area, cumulative_trapezoid, trapezoid, trapezoid_with_error};
