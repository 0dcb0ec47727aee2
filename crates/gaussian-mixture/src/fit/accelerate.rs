//! Fewer iterations where components overlap: EM's own steps show where they lead.
//!
//! EM maps parameters θ to parameters g(θ), and ends where f(θ) = g(θ) − θ is 0. Near its end f is linear, and where components overlap it
//! is small long before that. With the differences ΔF and ΔG of f and g along the last few steps,
//!
//! ```text
//! θ' = g(θ) − ΔG γ,   γ = argmin ‖f(θ) − ΔF γ‖
//! ```
//!
//! is where f would be smallest if it were linear.
//!
//! "Iterative procedures for nonlinear integral equations", Journal of the ACM 12, 1965; for EM, with its likelihood as a
//! safeguard: "Damped Anderson acceleration with restarts and monotonicity control for accelerating EM and EM-like algorithms",
//! Journal of Computational and Graphical Statistics 28, 2019.

use super::model::Model;

/// How many steps are remembered.
const DEPTH: usize = 12;
/// A difference of which less than this share is new says nothing that the others do not.
const NEW: f64 = 1e-6;
/// By how much the longest step grows after it was kept, and a step is shortened after it was taken back.
const GROWTH: f64 = 4.0;

/// The last steps of EM, in coordinates about a common origin, each θ with g(θ), the oldest first.
pub(super) struct Memory<M> {
    origin: M,
    /// Where EM has come by, step by step, and nobody has looked at in coordinates yet.
    way: Vec<M>,
    steps: Vec<[Vec<f64>; 2]>,
    /// How far beyond g(θ) the next step may go, in lengths of EM's own.
    reach: f64,
    /// How far the last one would have gone.
    wish: f64,
}

impl<M: Model> Memory<M> {
    pub(super) fn new(origin: &M) -> Self {
        let (way, steps) = (Vec::new(), Vec::new());
        Self { origin: origin.clone(), way, steps, reach: GROWTH, wish: 0.0 }
    }

    /// EM has gone on from here, by a step that is to be remembered or not. Nothing is computed yet.
    pub(super) fn pass(&mut self, here: M, is_known: bool) {
        if !is_known {
            return self.way.clear();
        }
        if self.way.len() > DEPTH {
            self.way.remove(0);
        }
        self.way.push(here);
    }

    /// Remembers the way to here, and that EM leads from here to there, if it can: where a weight is 0, there are no coordinates.
    pub(super) fn remember(&mut self, here: &M, there: &M) -> bool {
        let way: Vec<M> = std::mem::take(&mut self.way);
        let places = way.iter().chain([here, there]);
        let coordinates: Vec<_> = places.map(|place| place.coordinates(&self.origin)).collect();
        let mut is_known = false;
        for pair in coordinates.windows(2) {
            let step = pair[0].clone().zip(pair[1].clone());
            is_known = step.is_some();
            self.steps.extend(step.map(<[_; 2]>::from));
        }
        let n_old = self.steps.len().saturating_sub(DEPTH + 1);
        self.steps.drain(..n_old);
        is_known
    }

    /// How far to go instead of the last step; nothing after a first one.
    pub(super) fn beyond(&mut self) -> Option<M> {
        let mut beyond = beyond(&self.steps)?;
        let [theta, image] = self.steps.last()?;
        let own = difference(image, theta);
        self.wish = norm(&beyond) / norm(&own);
        if dot(&beyond, &own) < 0.0 {
            // Back to a saddle, which f = 0 holds for too, but EM is on its way out of.
            beyond = own.iter().map(|x| x * self.wish).collect();
        }
        let mut far = image.clone();
        subtract(&mut far, -(self.reach / self.wish).min(1.0), &beyond);
        self.origin.moved(&far)
    }

    /// That step was kept, or taken back.
    pub(super) fn learn(&mut self, was_kept: bool) {
        if !was_kept {
            self.reach = self.wish.min(self.reach) / GROWTH;
        } else if self.wish >= self.reach {
            self.reach *= GROWTH;
        }
    }
}

/// θ' − g(θ); none from a single step. By Gram–Schmidt, the newest differences first, as they are nearest to the end.
fn beyond(steps: &[[Vec<f64>; 2]]) -> Option<Vec<f64>> {
    let [theta, image] = steps.last()?;
    let mut left = difference(image, theta);
    let mut beyond = vec![0.0; theta.len()];
    let mut basis: Vec<[Vec<f64>; 2]> = Vec::new();
    for pair in steps.windows(2).rev() {
        let ([theta_0, image_0], [theta_1, image_1]) = (&pair[0], &pair[1]);
        let mut of_g = difference(image_1, image_0);
        let mut of_f = difference(&of_g, &difference(theta_1, theta_0));
        let whole = norm(&of_f);
        for [known_f, known_g] in &basis {
            let share = dot(known_f, &of_f);
            subtract(&mut of_f, share, known_f);
            subtract(&mut of_g, share, known_g);
        }
        let new = norm(&of_f);
        if new > NEW * whole {
            of_f.iter_mut().chain(&mut of_g).for_each(|x| *x /= new);
            let gamma = dot(&of_f, &left);
            subtract(&mut left, gamma, &of_f);
            subtract(&mut beyond, gamma, &of_g);
            basis.push([of_f, of_g]);
        }
    }
    (!basis.is_empty()).then_some(beyond)
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn subtract(from: &mut [f64], share: f64, of: &[f64]) {
    from.iter_mut().zip(of).for_each(|(x, y)| *x -= share * y);
}

/// The scalar product, several terms at a time.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GaussianMixture;

    fn mixture(weight: f64, means: [f64; 2], std_devs: [f64; 2]) -> GaussianMixture {
        GaussianMixture::new([weight, 1.0 - weight], means, std_devs).unwrap()
    }

    /// g moves every coordinate by its own share of the way to the end, as EM does near its own; from as many steps as there are different
    /// shares follows the end.
    #[test]
    fn of_a_linear_iteration_it_finds_the_end() {
        let origin = mixture(0.5, [1e6, 1e6 + 3.0], [1.0, 0.1]);
        let end = mixture(0.4, [1e6 + 1.0, 1e6 + 2.0], [2.0, 0.3]).coordinates(&origin).unwrap();
        let shares = [0.1, 0.1, 0.001, 0.02, 0.001, 0.02];
        let g = |at: &[f64]| -> Vec<f64> {
            at.iter().zip(&end).zip(shares).map(|((y, e), share)| y + share * (e - y)).collect()
        };
        let mut steps = Vec::new();
        let mut at = vec![0.0; 6];
        for _ in 0..4 {
            let image = g(&at);
            steps.push([at, image.clone()]);
            at = image;
        }
        let far: Vec<f64> = beyond(&steps).unwrap().iter().zip(&at).map(|(b, y)| b + y).collect();
        // What three differences, the slowest a thousandth, leave of sixteen digits.
        let error = norm(&difference(&far, &end)) / norm(&end);
        assert!(error < 1e-6, "{error}");
        // EM itself would have gone a part of a hundredth of the way.
        assert!(norm(&difference(&at, &end)) > 0.9 * norm(&end));
    }

    /// The coordinates know neither the unit of the samples nor their place.
    #[test]
    fn in_another_unit_and_place_it_goes_the_same_way() {
        let way = |unit: f64, place: f64| -> Vec<f64> {
            let at = |t: f64| {
                let means = [place + unit * (0.2 * t - t * t), place + unit * (1.0 + 0.3 * t)];
                mixture(0.5 - 0.1 * t, means, [unit * (1.0 - 0.2 * t), unit * (0.7 + 0.1 * t)])
            };
            let mut memory = Memory::new(&at(0.0));
            assert!(memory.remember(&at(0.0), &at(0.5)) && memory.beyond().is_none());
            assert!(memory.remember(&at(0.5), &at(0.75)));
            let far = memory.beyond().unwrap();
            // The same, if it has only come by.
            let mut passing = Memory::new(&at(0.0));
            passing.pass(at(-1.0), false);
            passing.pass(at(0.0), true);
            assert!(passing.remember(&at(0.5), &at(0.75)));
            assert_eq!(passing.beyond().unwrap(), far);
            let places = far.means().iter().map(|m| (m - place) / unit);
            places.chain(far.std_devs().iter().map(|s| s / unit)).collect()
        };
        // Of a place of a million units ten digits are left behind the point.
        for (a, b) in way(1.0, 0.0).iter().zip(way(1e-3, 1e3)) {
            assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
    }

    #[test]
    fn a_step_grows_while_it_is_kept_and_shrinks_when_it_is_not() {
        let mut memory = Memory::new(&mixture(0.5, [0.0, 1.0], [1.0; 2]));
        memory.wish = 100.0;
        memory.learn(true);
        assert_eq!(memory.reach, GROWTH * GROWTH);
        memory.wish = 8.0;
        memory.learn(true);
        assert_eq!(memory.reach, GROWTH * GROWTH);
        memory.learn(false);
        assert_eq!(memory.reach, 2.0);
    }

    #[test]
    fn nothing_is_said_after_one_step_or_about_a_weight_of_zero() {
        let [a, b] = [mixture(0.5, [0.0, 1.0], [1.0; 2]), mixture(1.0, [0.0, 1.0], [1.0; 2])];
        let mut memory = Memory::new(&a);
        assert!(memory.remember(&a, &a) && memory.beyond().is_none());
        assert!(!memory.remember(&a, &b) && memory.beyond().is_none());
    }
}
