//! What the user sees while something takes its time.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Without a terminal to rewrite a line on, a long step is worth a line of its own after this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// One line about what is going on, with the time it has taken so far.
///
/// On a terminal the line is rewritten and vanishes with this value; elsewhere a label is printed once, and only
/// if it has been current for [`PATIENCE`].
pub(crate) struct Progress {
    bar: ProgressBar,
    /// What the present steps belong to.
    title: String,
    label: String,
    /// How long everything will take, if it is known.
    expected: Option<Duration>,
    start: Instant,
    since: Instant,
    shown: Option<u64>,
}

impl Progress {
    /// Of something that takes one step, or nobody knows how many.
    pub(crate) fn new(label: &str) -> Self {
        let mut progress = Self::with(ProgressBar::new_spinner(), "  {wide_msg}");
        progress.set(label);
        progress
    }

    /// Of so many steps, with a bar that fills up.
    pub(crate) fn bar(steps: u64) -> Self {
        Self::with(ProgressBar::new(steps), "  {bar:24.green/dim} {wide_msg}")
    }

    fn with(bar: ProgressBar, template: &str) -> Self {
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"));
        let now = Instant::now();
        let (title, label) = (String::new(), String::new());
        Self { bar, title, label, expected: None, start: now, since: now, shown: None }
    }

    /// How long everything will take, if it is known.
    pub(crate) fn expect(&mut self, expected: Option<Duration>) {
        self.expected = expected;
    }

    /// What the steps from now on belong to.
    pub(crate) fn title(&mut self, title: &str) {
        title.clone_into(&mut self.title);
    }

    /// From now on something else is going on.
    pub(crate) fn set(&mut self, label: &str) {
        label.clone_into(&mut self.label);
        self.since = Instant::now();
        self.shown = None;
        self.tick();
    }

    /// One step is done.
    pub(crate) fn advance(&mut self) {
        self.bar.inc(1);
    }

    /// How many steps are done.
    pub(crate) fn position(&self) -> u64 {
        self.bar.position()
    }

    /// So many are done, or will not be.
    pub(crate) fn jump(&mut self, position: u64) {
        self.bar.set_position(position);
    }

    /// To be called often: shows the time going by.
    pub(crate) fn tick(&mut self) {
        if self.bar.is_hidden() {
            if self.shown.is_none() && self.since.elapsed() >= PATIENCE {
                self.shown = Some(0);
                eprintln!("  {} …", self.place());
            }
        } else if self.shown != Some(self.start.elapsed().as_secs()) {
            self.shown = Some(self.start.elapsed().as_secs());
            self.bar.set_message(self.line());
            self.bar.tick();
        }
    }

    /// Prints a line that stays, on standard output.
    pub(crate) fn say(&self, line: &str) {
        self.bar.suspend(|| println!("{line}"));
    }

    fn place(&self) -> String {
        let title =
            if self.title.is_empty() { String::new() } else { format!("{} · ", self.title) };
        format!("{title}{}", self.label)
    }

    fn line(&self) -> String {
        if self.bar.length().is_none() {
            return format!("{} … {} s", self.place(), self.since.elapsed().as_secs());
        }
        let usually =
            self.expected.map_or_else(String::new, |time| format!(", usually {}", clock(time)));
        format!("{} · {}{usually}", self.place(), clock(self.start.elapsed()))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// `0:43`
fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// A duration for a reader: `9.8 s`, `6 min 03 s`.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 99.95 {
        return format!("{seconds:.1} s");
    }
    format!("{} min {:02} s", duration.as_secs() / 60, duration.as_secs() % 60)
}

/// `1 check`, `2 checks`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_where_it_is_and_how_long_that_takes() {
        let mut progress = Progress::bar(10);
        progress.expect(Some(Duration::from_secs(65)));
        progress.title("02-the-bug (2 of 3)");
        progress.set("cell 1 of 4");
        assert_eq!(progress.line(), "02-the-bug (2 of 3) · cell 1 of 4 · 0:00, usually 1:05");
        progress.advance();
        progress.jump(5);
        assert_eq!(progress.position(), 5);
        assert_eq!(Progress::new("waiting").line(), "waiting … 0 s");
    }

    #[test]
    fn times_and_counts_read_well() {
        assert_eq!(time(Duration::from_millis(9_840)), "9.8 s");
        assert_eq!(time(Duration::from_secs(363)), "6 min 03 s");
        assert_eq!(clock(Duration::from_secs(83)), "1:23");
        assert_eq!((count(1, "check"), count(0, "figure")), ("1 check".into(), "0 figures".into()));
    }
}
