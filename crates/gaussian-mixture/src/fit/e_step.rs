//! The E-step: from all observations to their sums, on as many threads as it is worth.
//!
//! Every block of samples is summed by itself, eight sums side by side, and the blocks' sums are added in their order, whoever has
//! computed them. So rounding grows with the longest of these sums, not with the number of samples, and the bits do not depend on
//! the number of threads.

use super::model::Model;
use super::observations::Observed;
use super::sums::Sums;
use crate::threads::worth;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::{hint, thread};

/// A block has so many samples, or a multiple of it.
const BLOCK: usize = 2048;

/// What a block has at most, if it is more than one [`BLOCK`], in samples × components × dimensions: tens of microseconds, many times what
/// it takes to begin one or to hand it over.
const LARGEST: usize = 50_000;

/// How often a thread looks for the next mixture before it sleeps. Between two E-steps there is an M-step, which is shorter than falling
/// asleep and waking up.
const LOOKS: usize = 10_000;

/// One E-step after the other, for the same observations.
pub(super) struct EStep<'a, M> {
    observed: &'a Observed<'a>,
    helpers: Vec<Sender<Job<M>>>,
}

/// The E-step of one mixture, as a helper gets to know it.
struct Job<M> {
    mixture: Arc<M>,
    /// The next block that nobody has taken.
    next: Arc<AtomicUsize>,
    results: Sender<Block>,
}

/// A block's place, and its sums.
type Block = (usize, Sums);

/// Rows, with one weight each or of weight 1.
pub(super) type Rows<'a> = (&'a [f64], Option<&'a [f64]>);

/// Blocks of rows, and what becomes of their sums.
pub trait Blocks {
    /// The next block; none if there are no more.
    fn next(&mut self) -> Option<Rows<'_>>;

    /// Gives away the sums of the last block.
    fn done(&mut self, sums: Sums);
}

impl<M: Model> EStep<'_, M> {
    /// On the present thread alone.
    pub(super) fn on_this_thread<'a>(observed: &'a Observed<'a>) -> EStep<'a, M> {
        EStep { observed, helpers: Vec::new() }
    }

    /// What it adds up.
    pub(super) fn observed(&self) -> &Observed<'_> {
        self.observed
    }

    /// The sums of all observations under these parameters.
    pub(super) fn sums(&self, mixture: &M) -> Sums {
        let mut total = mixture.zero();
        self.add(mixture, &mut total);
        total
    }

    /// Adds the blocks' sums to those of what came before.
    pub(super) fn add(&self, mixture: &M, total: &mut Sums) {
        let next = Arc::new(AtomicUsize::new(0));
        if self.helpers.is_empty() {
            return work(mixture, self.observed, &next, |(_, sums)| total.add(&sums));
        }
        let mixture = Arc::new(mixture.clone());
        let (sender, results) = mpsc::channel();
        for helper in &self.helpers {
            let (mixture, next) = (Arc::clone(&mixture), Arc::clone(&next));
            // One that has gone is not missed: its blocks are taken by others.
            let _ = helper.send(Job { mixture, next, results: sender.clone() });
        }
        drop(sender);
        let mut in_order = InOrder { total, waiting: BTreeMap::new(), next: 0 };
        work(&*mixture, self.observed, &next, |block| {
            in_order.add(block);
            for block in results.try_iter() {
                in_order.add(block);
            }
        });
        for block in results {
            in_order.add(block);
        }
    }
}

/// Gives `body` an E-step on so many threads, which end with it.
pub(super) fn with_threads<M: Model, T>(
    observed: &Observed<'_>,
    n_threads: usize,
    body: impl FnOnce(&EStep<'_, M>) -> T,
) -> T {
    thread::scope(|scope| {
        let mut helpers = Vec::new();
        for _ in 1..n_threads {
            let (sender, jobs) = mpsc::channel();
            // Where the system has no more threads to give, there are fewer.
            let help = move || help::<M>(&jobs, observed);
            if thread::Builder::new().spawn_scoped(scope, help).is_ok() {
                helpers.push(sender);
            }
        }
        body(&EStep { observed, helpers })
    })
}

/// How many threads E-steps are worth, of those that the machine has or the caller allows: no more than there are blocks.
pub(super) fn n_threads(
    observed: &Observed<'_>,
    n_components: usize,
    allowed: Option<usize>,
) -> usize {
    let per_sample = n_components.saturating_mul(observed.dim());
    let n_blocks = observed.len().div_ceil(block_length(per_sample));
    worth(observed.len().saturating_mul(per_sample), allowed).min(n_blocks).max(1)
}

/// What a helper does until there are no more jobs.
fn help<M: Model>(jobs: &Receiver<Job<M>>, observed: &Observed<'_>) {
    while let Some(Job { mixture, next, results }) = next_job(jobs) {
        work(&*mixture, observed, &next, |block| {
            // Nobody waits for it only where a panic has ended the fit.
            let _ = results.send(block);
        });
    }
}

fn next_job<M>(jobs: &Receiver<Job<M>>) -> Option<Job<M>> {
    for _ in 0..LOOKS {
        match jobs.try_recv() {
            Ok(job) => return Some(job),
            Err(TryRecvError::Empty) => hint::spin_loop(),
            Err(TryRecvError::Disconnected) => return None,
        }
    }
    jobs.recv().ok()
}

/// Samples per block, given the product of components and dimensions.
pub(super) fn block_length(per_sample: usize) -> usize {
    BLOCK * (LARGEST / BLOCK / per_sample).max(1)
}

/// Takes one block after the other that nobody has taken, until there are no more.
fn work<M: Model>(
    mixture: &M,
    observed: &Observed<'_>,
    next: &AtomicUsize,
    done: impl FnMut(Block),
) {
    let mut taken = Taken {
        observed,
        next,
        length: block_length(mixture.n_components() * mixture.dim()),
        place: 0,
        done,
    };
    match observed {
        Observed::Rows { .. } => mixture.e_step_blocks(&mut taken),
        Observed::Bins { edges, counts } => {
            while let Some(block) = taken.take() {
                let counts = &counts[block.clone()];
                taken.done(mixture.e_step_bins(&edges[block.start..=block.end], counts));
            }
        }
    }
}

/// The blocks that one thread takes.
struct Taken<'a, F> {
    observed: &'a Observed<'a>,
    next: &'a AtomicUsize,
    length: usize,
    /// Of the last block.
    place: usize,
    done: F,
}

impl<F> Taken<'_, F> {
    fn take(&mut self) -> Option<Range<usize>> {
        let n = self.observed.len();
        self.place = self.next.fetch_add(1, Ordering::Relaxed);
        let first = self.place.checked_mul(self.length).filter(|&first| first < n)?;
        Some(first..n.min(first + self.length))
    }
}

impl<F: FnMut(Block)> Blocks for Taken<'_, F> {
    fn next(&mut self) -> Option<Rows<'_>> {
        let Observed::Rows { values, dim, weights, .. } = self.observed else { return None };
        let block = self.take()?;
        let weights = weights.as_ref().map(|weights| &weights[block.clone()]);
        Some((&values[block.start * dim..block.end * dim], weights))
    }

    fn done(&mut self, sums: Sums) {
        (self.done)((self.place, sums));
    }
}

/// One block.
pub(super) struct Single<'a> {
    rows: Option<Rows<'a>>,
    sums: Sums,
}

impl<'a> Single<'a> {
    /// What `e_step` makes of these rows, given the sums of none.
    pub(super) fn sums(rows: Rows<'a>, none: Sums, e_step: impl FnOnce(&mut Self)) -> Sums {
        let mut single = Self { rows: Some(rows), sums: none };
        e_step(&mut single);
        single.sums
    }
}

impl Blocks for Single<'_> {
    fn next(&mut self) -> Option<Rows<'_>> {
        self.rows.take()
    }

    fn done(&mut self, sums: Sums) {
        self.sums = sums;
    }
}

/// Adds up what comes in any order.
struct InOrder<'a> {
    total: &'a mut Sums,
    waiting: BTreeMap<usize, Sums>,
    next: usize,
}

impl InOrder<'_> {
    fn add(&mut self, (place, sums): Block) {
        self.waiting.insert(place, sums);
        while let Some(sums) = self.waiting.remove(&self.next) {
            self.total.add(&sums);
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GaussianMixture;
    use std::borrow::Cow;

    fn rows(n: usize) -> Observed<'static> {
        let values: Vec<f64> = (0..n).map(|i| (0.7 * i as f64).sin() * 3.0).collect();
        let (weights, origin, is_moderate) = (None, None, true);
        Observed::Rows {
            values: Cow::Owned(values),
            dim: 1,
            weights,
            origin,
            n_given: n,
            is_moderate,
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_the_number_of_threads() {
        let mixture = GaussianMixture::new([0.3, 0.7], [-1.0, 2.0], [0.5, 1.0]).unwrap();
        for n in [1, BLOCK - 1, BLOCK, 100_003, 500_000] {
            let observed = rows(n);
            let alone = EStep::on_this_thread(&observed).sums(&mixture);
            for n_threads in [2, 3, 7] {
                let sums = with_threads(&observed, n_threads, |e_step| {
                    [e_step.sums(&mixture), e_step.sums(&mixture)]
                });
                assert_eq!(sums, [alone.clone(), alone.clone()], "{n} on {n_threads}");
            }
        }
    }

    #[test]
    fn a_little_work_stays_on_one_thread() {
        assert_eq!(n_threads(&rows(17_000), 3, Some(8)), 1);
        assert_eq!(n_threads(&rows(500_000), 2, Some(8)), 8);
        assert_eq!(n_threads(&rows(500_000), 2, Some(1)), 1);
        assert!(n_threads(&rows(500_000), 2, None) >= 1);
        // One block, and two.
        assert_eq!(n_threads(&rows(BLOCK), 1000, Some(8)), 1);
        assert_eq!(n_threads(&rows(BLOCK + 1), 1000, Some(8)), 2);
    }

    #[test]
    fn what_comes_in_any_order_is_added_in_its_own() {
        let sums = |x: f64| Sums { ln_likelihood: x, ..Sums::zero(1, 3, 0) };
        let mut total = sums(0.0);
        let mut in_order = InOrder { total: &mut total, waiting: BTreeMap::new(), next: 0 };
        // Added from the left these leave 1, from the right 0.
        for block in [(1, sums(-1e17)), (2, sums(1.0)), (0, sums(1e17))] {
            in_order.add(block);
        }
        assert_eq!(total.ln_likelihood, 1.0);
    }
}
