//! Mean, variance, skewness and kurtosis of a mixture.

use crate::GaussianMixture;

/// Differences of numbers beyond this may overflow; a quarter of them does not.
const LARGE: f64 = 1e300;

impl GaussianMixture {
    /// The mean m = Σₖ wₖμₖ, in the unit of the samples.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.25, 0.75], [0.0, 4.0], [1.0, 2.0])?;
    /// assert_eq!(mixture.mean(), 3.0);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn mean(&self) -> f64 {
        Centred::new(self).mean
    }

    /// The variance s² = Σₖ wₖ(σₖ² + (μₖ − m)²) about the mean m, in the square of the unit of the samples.
    ///
    /// It is 0 or ∞ where the square is too small or too large for an `f64`; [`std_dev`](Self::std_dev) is neither.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.5, 0.5], [-1.0, 1.0], [2.0, 2.0])?;
    /// assert!((mixture.variance() - 5.0).abs() < 1e-14);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn variance(&self) -> f64 {
        let centred = Centred::new(self);
        (centred.unit * centred.unit) * centred.root * centred.root
    }

    /// The standard deviation s of the whole mixture, the square root of its [`variance`](Self::variance), in the unit of
    /// the samples. Those of the components are [`std_devs`](Self::std_devs).
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.5, 0.5], [-3e200, 3e200], [4e200, 4e200])?;
    /// assert!((mixture.std_dev() / 5e200 - 1.0).abs() < 1e-15);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn std_dev(&self) -> f64 {
        let centred = Centred::new(self);
        centred.unit * centred.root
    }

    /// The skewness E[(X − m)³]/s³ = Σₖ wₖ(3σₖ²dₖ + dₖ³)/s³ with dₖ = μₖ − m, a number without a unit: 0 for a symmetric
    /// mixture, positive for a long tail to the right.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let mixture = GaussianMixture::new([0.9, 0.1], [0.0, 5.0], [1.0, 1.0])?;
    /// assert!(mixture.skewness() > 1.0);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn skewness(&self) -> f64 {
        // d² before the last factor: the weight of a far component may be as small as its distance is large.
        Centred::new(self).sum(|w, d, s| (w * d * d) * d + 3.0 * (w * s * s) * d)
    }

    /// The kurtosis E[(X − m)⁴]/s⁴ = Σₖ wₖ(3σₖ⁴ + 6σₖ²dₖ² + dₖ⁴)/s⁴ with dₖ = μₖ − m, a number without a unit. It is 3 for
    /// one Gaussian; what some tables call kurtosis is this minus 3, the excess.
    ///
    /// ```
    /// use gaussian_mixture::GaussianMixture;
    ///
    /// let one = GaussianMixture::new([1.0], [7.0], [0.2])?;
    /// assert!((one.kurtosis() - 3.0).abs() < 1e-14);
    /// let heavy = GaussianMixture::new([0.9, 0.1], [0.0, 0.0], [1.0, 5.0])?;
    /// assert!(heavy.kurtosis() > 10.0);
    /// # Ok::<(), gaussian_mixture::ParameterError>(())
    /// ```
    pub fn kurtosis(&self) -> f64 {
        Centred::new(self).sum(|w, d, s| {
            let (d2, s2) = (w * d * d, w * s * s);
            d2 * d * d + 6.0 * d2 * s * s + 3.0 * s2 * s * s
        })
    }
}

/// A mixture about its mean, in a unit in which nothing overflows.
struct Centred {
    mean: f64,
    /// The largest distance from the mean or standard deviation.
    unit: f64,
    /// The standard deviation of the mixture in that unit.
    root: f64,
    /// wₖ, dₖ and σₖ in standard deviations of the mixture.
    components: Vec<(f64, f64, f64)>,
}

impl Centred {
    fn new(mixture: &GaussianMixture) -> Self {
        let present: Vec<_> = mixture.components().filter(|c| c.weight > 0.0).collect();
        let largest = present.iter().map(|c| c.mean.abs().max(c.std_dev)).fold(0.0, f64::max);
        let scale = if largest > LARGE { 0.25 } else { 1.0 };
        // Differences to one of the means first: they are exact for means close together, however far from 0.
        let heaviest = present.iter().max_by(|a, b| a.weight.total_cmp(&b.weight));
        let reference = heaviest.map_or(0.0, |c| scale * c.mean);
        let shift: f64 = present.iter().map(|c| c.weight * (scale * c.mean - reference)).sum();
        let centred: Vec<(f64, f64, f64)> = present
            .iter()
            .map(|c| (c.weight, (scale * c.mean - reference) - shift, scale * c.std_dev))
            .collect();
        let unit = centred.iter().map(|(_, d, s)| d.abs().max(*s)).fold(0.0, f64::max);
        let square = |x: f64| (x / unit) * (x / unit);
        let variance: f64 = centred.iter().map(|(w, d, s)| w * square(*d) + w * square(*s)).sum();
        let root = variance.sqrt();
        let relative = |x: f64| x / unit / root;
        let components = centred.iter().map(|&(w, d, s)| (w, relative(d), relative(s))).collect();
        let mean = ((reference + shift) / scale).clamp(-f64::MAX, f64::MAX);
        Self { mean, unit: unit / scale, root, components }
    }

    fn sum(&self, term: impl Fn(f64, f64, f64) -> f64) -> f64 {
        self.components.iter().map(|&(w, d, s)| term(w, d, s)).sum()
    }
}
