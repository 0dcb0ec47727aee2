//! What is measured: each line of the table is one kind of work on one set of data.

/// What is done, and so what the time is divided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Work {
    /// Iterations of EM from a start that all are given. The time of one is the difference between fits of many and of few, over
    /// the difference of their numbers: what a fit costs once, at its begin or end, is not in it.
    Iterations { few: usize, many: usize },
    /// A fit from each one's own start.
    WholeFit,
    /// One call on all points, or for so many.
    Call(&'static str),
    /// An iteration over samples that come in chunks.
    Stream,
}

/// The headings of the tables, in their order.
pub(crate) const HEADINGS: [&str; 4] = [
    "One iteration of EM, from the same start",
    "One call",
    "A whole fit, each from its own start, with the mean log-likelihood that it comes to",
    "An iteration over a stream, per sample",
];

impl Work {
    /// The heading of the table that it belongs to.
    pub(crate) fn heading(self) -> &'static str {
        let index = match self {
            Self::Iterations { .. } => 0,
            Self::Call(_) => 1,
            Self::WholeFit => 2,
            Self::Stream => 3,
        };
        HEADINGS[index]
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The name by which it is chosen, which several lines may share.
    pub(crate) workload: &'static str,
    pub(crate) work: Work,
    /// The covariances' type.
    pub(crate) covariances: &'static str,
    /// The numbers of components, dimensions, and samples or points.
    pub(crate) k: usize,
    pub(crate) d: usize,
    pub(crate) n: usize,
}

/// All workloads, in the order of the table.
pub(crate) const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/// The samples of the fits: covariances, k, d, n, and the iterations whose difference is taken, enough of them for
/// the clock.
const FITS: [(&str, &str, usize, usize, usize, usize, usize); 6] = [
    ("a", "full", 3, 1, 17_000, 5, 65),
    ("b", "full", 3, 1, 1_000_000, 2, 7),
    ("c", "full", 8, 8, 200_000, 2, 5),
    ("d", "full", 16, 32, 100_000, 2, 4),
    ("e", "full", 5, 2, 1_000_000, 2, 5),
    ("f", "diagonal", 16, 16, 500_000, 2, 4),
];

/// The lines of these workloads, all of them if there is no name; a tenth of the size in a `quick` run.
pub(crate) fn lines(names: &[String], quick: bool) -> Vec<Line> {
    let mut lines = all();
    lines.retain(|line| names.is_empty() || names.iter().any(|name| name == line.workload));
    if quick {
        for line in &mut lines {
            line.n /= 10;
        }
    }
    lines
}

fn all() -> Vec<Line> {
    let line = |workload, work, covariances, k, d, n| Line { workload, work, covariances, k, d, n };
    let iterations = FITS.map(|(workload, covariances, k, d, n, few, many)| {
        line(workload, Work::Iterations { few, many }, covariances, k, d, n)
    });
    let types = ["tied", "spherical"].map(|covariances| {
        line("g", Work::Iterations { few: 2, many: 5 }, covariances, 8, 8, 200_000)
    });
    let calls = [
        ("ln_pdf", 3, 1, 5_000_000),
        ("ln_pdf", 8, 8, 1_000_000),
        ("cdf", 3, 1, 1_000_000),
        ("quantile", 3, 1, 1_000_000),
        ("p_value", 3, 1, 1_000_000),
        ("sample", 3, 1, 10_000_000),
    ];
    let calls = calls.map(|(call, k, d, n)| line("h", Work::Call(call), "full", k, d, n));
    let whole =
        FITS.map(|(_, covariances, k, d, n, _, _)| line("i", Work::WholeFit, covariances, k, d, n));
    let streams =
        [1_000_000, 10_000_000, 100_000_000].map(|n| line("j", Work::Stream, "full", 3, 1, n));
    [&iterations[..], &types, &calls, &whole, &streams].concat()
}

impl Line {
    /// `a · 1-D, k = 3, n = 17 000`
    pub(crate) fn title(&self) -> String {
        let Self { workload, covariances, k, d, .. } = self;
        let covariances = if *d == 1 { String::new() } else { format!(" {covariances}") };
        let n = grouped(self.n);
        let (verb, n) = match self.work {
            Work::Call(call) => (format!("{call}, "), format!("{n} points")),
            _ => (String::new(), format!("n = {n}")),
        };
        format!("{workload} · {verb}{d}-D{covariances}, k = {k}, {n}")
    }

    /// The words of a request: see `bench/ours/src/measure.rs`. The last names the file for what is fitted.
    pub(crate) fn request(&self, count: usize, fitted: &str, whole_fit: &'static str) -> String {
        let Self { covariances, k, d, .. } = self;
        let (kind, data, parameters) = match self.work {
            Work::Iterations { .. } => ("fit", self.data(), self.start()),
            Work::WholeFit => (whole_fit, self.data(), "-".to_owned()),
            Work::Call("sample") => ("sample", "-".to_owned(), self.truth()),
            Work::Call(call) => (call, self.data(), self.truth()),
            Work::Stream => ("stream", "-".to_owned(), self.truth()),
        };
        format!("{kind} {covariances} {k} {d} {count} {data} {parameters} {fitted}")
    }

    /// The mean logarithm of the density at the samples, under fitted parameters.
    pub(crate) fn judge(&self, fitted: &str) -> String {
        let Self { covariances, k, d, .. } = self;
        format!("ln_pdf {covariances} {k} {d} 0 {} {fitted} -", self.data())
    }

    /// What has to be made before the line can be measured.
    pub(crate) fn files(&self) -> Vec<String> {
        let Self { covariances, k, d, n, .. } = self;
        let samples = if self.data().starts_with("shares") { "shares" } else { "samples" };
        let mut requests = vec![
            format!("make {covariances} {k} {d} 0 - {} -", self.start()),
            format!("make truth {k} {d} 0 - {} -", self.truth()),
        ];
        if !matches!(self.work, Work::Stream | Work::Call("sample")) {
            requests.push(format!("make {samples} {k} {d} {n} {} - -", self.data()));
        }
        requests
    }

    fn data(&self) -> String {
        let Self { k, d, n, .. } = self;
        match self.work {
            Work::Call("quantile") => format!("shares-{n}"),
            _ => format!("samples-{k}-{d}-{n}"),
        }
    }

    fn start(&self) -> String {
        format!("start-{}-{}-{}", self.covariances, self.k, self.d)
    }

    fn truth(&self) -> String {
        format!("truth-{}-{}", self.k, self.d)
    }
}

/// `1 000 000`, the groups held together.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join("\u{202f}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workload_has_lines_and_a_quick_one_is_a_tenth() {
        for name in NAMES {
            let chosen = lines(&[name.to_owned()], false);
            assert!(!chosen.is_empty(), "{name}");
            let quick = lines(&[name.to_owned()], true);
            assert!(chosen.iter().zip(&quick).all(|(line, quick)| line.n == 10 * quick.n));
        }
        assert!(lines(&["z".to_owned()], false).is_empty());
        assert_eq!(lines(&[], false).len(), all().len());
    }

    #[test]
    fn a_line_says_what_is_done_in_words_and_in_a_request() {
        let fits = lines(&["f".to_owned()], false);
        assert_eq!(fits[0].title(), "f · 16-D diagonal, k = 16, n = 500\u{202f}000");
        assert_eq!(
            fits[0].request(4, "x", "whole"),
            "fit diagonal 16 16 4 samples-16-16-500000 start-diagonal-16-16 x"
        );
        let whole = lines(&["i".to_owned()], false);
        assert!(whole[0].request(2, "x", "single").starts_with("single full 3 1 2 "));
        let calls = lines(&["h".to_owned()], false);
        assert_eq!(
            calls[3].request(0, "-", "whole"),
            "quantile full 3 1 0 shares-1000000 truth-3-1 -"
        );
        assert!(
            calls.iter().all(|line| line.files().iter().all(|file| file.split(' ').count() == 8))
        );
    }
}
