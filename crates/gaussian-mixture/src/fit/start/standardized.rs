//! The observations without their units.

use super::scale::Scale;
use crate::SampleError;
use crate::fit::observations::Observed;
use rand::Rng;
use rand::seq::index;
use std::borrow::Cow;

/// The observations as points with weights.
pub(super) struct Points<'a> {
    pub(super) values: Cow<'a, [f64]>,
    pub(super) weights: Option<Cow<'a, [f64]>>,
    pub(super) dim: usize,
    /// How many points stand for one observation: two for a bin.
    per_observation: usize,
}

impl<'a> Points<'a> {
    pub(super) fn of(observed: &'a Observed<'_>) -> Result<Self, SampleError> {
        Ok(match observed {
            Observed::Rows { values, dim, weights, .. } => Self {
                values: Cow::Borrowed(values),
                weights: weights.as_deref().map(Cow::Borrowed),
                dim: *dim,
                per_observation: 1,
            },
            Observed::Bins { edges, counts } => {
                let (values, weights) = stand_ins(edges, counts)?;
                let weights = Some(Cow::Owned(weights));
                Self { values: Cow::Owned(values), weights, dim: 1, per_observation: 2 }
            }
        })
    }
}

/// The observations in coordinates in which each has mean 0 and standard deviation 1, so that distances do not depend on units.
pub(super) struct Standardized {
    /// Row after row.
    pub(super) rows: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
    pub(super) dim: usize,
    /// How many rows stand for one observation.
    pub(super) per_observation: usize,
    /// Of the observations as they were.
    pub(super) scale: Scale,
}

impl Standardized {
    pub(super) fn new(points: Points<'_>, scale: Scale) -> Self {
        let Points { values, weights, dim, per_observation } = points;
        let mut rows = values.into_owned();
        for row in rows.chunks_exact_mut(dim.max(1)) {
            for ((x, center), std_dev) in row.iter_mut().zip(&scale.center).zip(&scale.std_devs) {
                *x = (*x - center) / std_dev;
            }
        }
        Self { rows, weights: weights.map(Cow::into_owned), dim, per_observation, scale }
    }

    /// So many of the rows, drawn without replacement. None if there are no more, or if they have weights: the heavy ones may be few.
    pub(super) fn some<R: Rng>(&self, n: usize, rng: &mut R) -> Option<Self> {
        if self.len() <= n || self.weights.is_some() {
            return None;
        }
        let chosen = index::sample(rng, self.len(), n).into_vec();
        let rows = chosen.iter().flat_map(|&n| self.point(n)).copied().collect();
        Some(Self { rows, weights: None, scale: self.scale.clone(), ..*self })
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len() / self.dim
    }

    /// How many samples the points stand for: what they weigh if that is more than they are, as with bins.
    pub(super) fn n_samples(&self) -> f64 {
        let n = self.len() as f64;
        self.weights.as_ref().map_or(n, |weights| weights.iter().sum::<f64>().max(n))
    }

    pub(super) fn point(&self, n: usize) -> &[f64] {
        &self.rows[n * self.dim..(n + 1) * self.dim]
    }

    pub(super) fn weight(&self, n: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| w[n])
    }
}

/// Two points for every bin, with half its count each, where they have the mean and the variance of samples spread evenly over
/// it: √(1/12) of its width from its center. An open bin has both on its edge.
fn stand_ins(edges: &[f64], counts: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SampleError> {
    let (mut points, mut weights) = (Vec::new(), Vec::new());
    for (bin, count) in edges.windows(2).zip(counts) {
        let (low, high) = (bin[0], bin[1]);
        let pair = match (low.is_finite(), high.is_finite()) {
            (true, true) => {
                let (middle, reach) =
                    (0.5 * low + 0.5 * high, (0.5 * high - 0.5 * low) * (1.0_f64 / 3.0).sqrt());
                [middle - reach, middle + reach]
            }
            (true, false) => [low; 2],
            (false, true) => [high; 2],
            (false, false) => return Err(SampleError::OneBin),
        };
        points.extend(pair);
        weights.extend([0.5 * count; 2]);
    }
    Ok((points, weights))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::FitOptions;

    /// Rows of `dim` coordinates, with these weights if there are some.
    pub(in crate::fit::start) fn standardized(
        values: &[f64],
        dim: usize,
        weights: Option<&[f64]>,
    ) -> Standardized {
        let observed = Observed::Rows {
            values: Cow::Borrowed(values),
            dim,
            weights: weights.map(Cow::Borrowed),
            origin: None,
            n_given: values.len() / dim,
            is_moderate: true,
        };
        let points = Points::of(&observed).unwrap();
        let scale = Scale::of(&points, &FitOptions::new(1)).unwrap();
        Standardized::new(points, scale)
    }

    /// One rounding there and one back, of numbers of order 1.
    const ROUNDING: f64 = 1e-15;

    #[test]
    fn standardized_rows_have_mean_zero_and_variance_one_whatever_their_weights_and_units() {
        let values = [1e12, 3e-8, 1e12 + 3.0, 1e-8, 1e12 + 1.0, 7e-8, 1e12 + 4.0, 2e-8];
        let weights = [1.0, 0.5, 2.0, 1.5];
        let data = standardized(&values, 2, Some(&weights));
        for column in 0..2 {
            let average = |f: &dyn Fn(f64) -> f64| -> f64 {
                (0..4).map(|n| weights[n] * f(data.point(n)[column])).sum::<f64>() / 5.0
            };
            // The center of the first is rounded to 1e-4, as its samples are.
            assert!(average(&|x| x).abs() < 1e-4 && (average(&|x| x * x) - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn a_bin_stands_for_samples_spread_evenly_over_it() {
        let (points, weights) = stand_ins(&[0.0, 2.0, f64::INFINITY], &[6.0, 2.0]).unwrap();
        assert_eq!(weights, [3.0, 3.0, 1.0, 1.0]);
        assert_eq!(points[2..], [2.0, 2.0]);
        // Mean 1 and variance 2²/12.
        assert!((points[0] + points[1] - 2.0).abs() < ROUNDING);
        assert!(((points[0] - 1.0).powi(2) - 4.0 / 12.0).abs() < ROUNDING);
    }
}
