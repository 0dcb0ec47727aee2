//! What no program can undercut on this machine, from what its operations take at best.

use super::workload::{Line, Work};

/// Seconds per operation, at best, with all threads at work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) exp: f64,
    pub(crate) ln: f64,
    /// Of a fused multiply-add.
    pub(crate) fma: f64,
}

impl Rates {
    /// The least time for a line, in seconds: one iteration, or one call; none where no count is known.
    ///
    /// Each sample needs an exponential for each component and one logarithm. In d dimensions it also needs, for each component,
    /// as fused multiply-adds: the quadratic form by way of a triangular matrix, d(d + 1)/2, and its square sum, d; then the sums
    /// of the M-step, d for the mean and d(d + 1)/2 for a symmetric matrix: together d² + 3d. Diagonal covariances need 2d and
    /// 2d, spherical ones one less than 2d and d + 1. Tied ones have one matrix for all: its product with a sample is needed once, and
    /// leaves 2d and d for each component; the products of the samples do not change from one iteration to the next.
    pub(crate) fn of(&self, line: &Line) -> Option<f64> {
        let (n, k, d) = (line.n as f64, line.k as f64, line.d as f64);
        let triangle = d * (d + 1.0) / 2.0;
        let density = match line.covariances {
            _ if line.d == 1 => 0.0,
            "full" => k * (triangle + d),
            "tied" => triangle + k * 2.0 * d,
            _ => k * 2.0 * d,
        };
        let moments = match line.covariances {
            _ if line.d == 1 => 0.0,
            "full" => d + triangle,
            "tied" => d,
            "diagonal" => 2.0 * d,
            _ => d + 1.0,
        };
        let fmas = match line.work {
            Work::Iterations { .. } | Work::Stream => density + k * moments,
            Work::Call("ln_pdf") => density,
            _ => return None,
        };
        Some(n * (k * self.exp + self.ln + fmas * self.fma))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::workload::lines;

    #[test]
    fn operations_are_counted_as_the_formulas_say() {
        let seconds = |name: &str, rates: Rates| {
            lines(&[name.to_owned()], false).first().and_then(|line| rates.of(line))
        };
        let only_exp = Rates { exp: 1.0, ln: 0.0, fma: 0.0 };
        let only_ln = Rates { exp: 0.0, ln: 1.0, fma: 0.0 };
        let only_fma = Rates { exp: 0.0, ln: 0.0, fma: 1.0 };
        assert_eq!(seconds("a", only_exp), Some(51_000.0));
        assert_eq!(seconds("a", only_ln), Some(17_000.0));
        assert_eq!(seconds("a", only_fma), Some(0.0));
        assert_eq!(seconds("c", only_fma), Some(200_000.0 * 8.0 * 88.0));
        assert_eq!(seconds("f", only_fma), Some(500_000.0 * 16.0 * 64.0));
        // Tied, then spherical.
        let names = ["g".to_owned()];
        let g: Vec<_> = lines(&names, false).iter().map(|line| only_fma.of(line)).collect();
        let each = [36.0 + 8.0 * 24.0, 8.0 * 25.0].map(|fmas| Some(200_000.0 * fmas));
        assert!(each.iter().all(|fmas| g.contains(fmas)), "{g:?}");
        assert_eq!(seconds("i", only_exp), None);
    }
}
