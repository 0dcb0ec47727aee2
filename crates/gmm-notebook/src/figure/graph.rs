//! Functions of a mixture, evaluated where they are seen.

use gaussian_mixture::GaussianMixture;

/// A function of x that a mixture defines.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    pub(crate) mixture: GaussianMixture,
    pub(crate) of: Of,
    /// Where it is drawn; everywhere if there is none.
    pub(crate) within: Option<(f64, f64)>,
}

/// Which function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Density,
    /// The density of component k times its weight.
    Component(usize),
    Cdf,
    /// Of component k.
    Responsibility(usize),
}

/// How many standard deviations around the means are seen if no axis is asked for.
const REACH: f64 = 4.0;

/// Evenly spaced points over the axis: two per pixel.
const STEPS: u32 = 1280;

/// Points per component, over [`REACH`] standard deviations on both sides, so that no narrow peak is missed.
const STEPS_PER_COMPONENT: u32 = 160;

impl Graph {
    /// Where the function has something to show.
    pub(crate) fn extent(&self) -> (f64, f64) {
        let reach = self.mixture.components().filter(|c| c.weight > 0.0);
        let (low, high) = reach.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), c| {
            (low.min(c.mean - REACH * c.std_dev), high.max(c.mean + REACH * c.std_dev))
        });
        match self.within {
            Some((from, to)) => (low.max(from).min(high), high.min(to).max(low)),
            None => (low, high),
        }
    }

    /// Points of its graph between two abscissas.
    pub(crate) fn points(&self, (low, high): (f64, f64)) -> Vec<(f64, f64)> {
        let (low, high) = match self.within {
            Some((from, to)) => (low.max(from), high.min(to)),
            None => (low, high),
        };
        if low >= high {
            return Vec::new();
        }
        let even = (0..=STEPS).map(|i| low + (high - low) * f64::from(i) / f64::from(STEPS));
        let near = self.mixture.components().flat_map(|c| {
            (0..=STEPS_PER_COMPONENT).map(move |i| {
                let z = REACH * (2.0 * f64::from(i) / f64::from(STEPS_PER_COMPONENT) - 1.0);
                c.mean + z * c.std_dev
            })
        });
        let mut x: Vec<f64> = even.chain(near).filter(|x| (low..=high).contains(x)).collect();
        x.sort_by(f64::total_cmp);
        x.dedup();
        let y = self.values(&x);
        x.into_iter().zip(y).collect()
    }

    fn values(&self, x: &[f64]) -> Vec<f64> {
        match self.of {
            Of::Density => self.mixture.pdf(x),
            Of::Cdf => self.mixture.cdf(x),
            Of::Component(k) => self.mixture.component_pdf(k, x).unwrap_or_default(),
            Of::Responsibility(k) => match self.mixture.responsibilities(x) {
                Ok(table) if k < table.ncols() => table.column(k).to_vec(),
                _ => Vec::new(),
            },
        }
    }
}
