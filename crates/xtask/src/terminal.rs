//! What the user sees while something takes its time.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// Without a terminal to rewrite a line on, a long step is worth a line of its own after this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// One line about what is going on, with the time it has taken so far.
///
/// On a terminal the line is rewritten and vanishes with this value; elsewhere a label is printed once, and only
/// if it has been current for [`PATIENCE`].
pub(crate) struct Progress {
    label: String,
    since: Instant,
    shown: Option<u64>,
    terminal: bool,
}

impl Progress {
    pub(crate) fn new(label: &str) -> Self {
        let mut progress = Self {
            label: String::new(),
            since: Instant::now(),
            shown: None,
            terminal: stderr().is_terminal(),
        };
        progress.set(label);
        progress
    }

    /// From now on something else is going on.
    pub(crate) fn set(&mut self, label: &str) {
        label.clone_into(&mut self.label);
        self.since = Instant::now();
        self.shown = None;
        self.tick();
    }

    /// To be called often: shows the time going by.
    pub(crate) fn tick(&mut self) {
        let elapsed = self.since.elapsed();
        if self.terminal {
            if self.shown != Some(elapsed.as_secs()) {
                self.shown = Some(elapsed.as_secs());
                eprint!("\r\x1b[2K  {} … {} s", self.label, elapsed.as_secs());
                let _ = stderr().flush();
            }
        } else if self.shown.is_none() && elapsed >= PATIENCE {
            self.shown = Some(0);
            eprintln!("  {} …", self.label);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            eprint!("\r\x1b[2K");
            let _ = stderr().flush();
        }
    }
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
    fn times_and_counts_read_well() {
        assert_eq!(time(Duration::from_millis(9_840)), "9.8 s");
        assert_eq!(time(Duration::from_secs(363)), "6 min 03 s");
        assert_eq!((count(1, "check"), count(0, "figure")), ("1 check".into(), "0 figures".into()));
    }
}
