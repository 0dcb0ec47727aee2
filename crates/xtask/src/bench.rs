//! `cargo xtask bench`: this project's crate side by side with its peers, on the same files, and with what the machine could do at
//! best.

mod contestant;
mod limit;
mod peers;
mod table;
mod workload;

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::children;
use crate::files;
use crate::project::Project;
use crate::statistics::{CHANCE, ROUNDING, differences};
use contestant::Contestant;
use limit::Rates;
use peers::Peers;
use table::{Cell, Row, Table};
use workload::{Line, Work};

/// How often everybody has a turn on each line.
const ROUNDS: usize = 5;
/// Whoever has spent so much on a line has no further turn there.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two turns: threads that wait for more work without sleeping have given up by then.
const PAUSE: Duration = Duration::from_millis(100);
const THREADS: [usize; 2] = [1, 2];

const NOTES: &str = "\
× is the ratio to ours: above 1 is slower than ours, below 1 faster. Times are medians of five repeats in turn; [n] of n, where \
more would have taken too long.

An iteration is the difference between a fit of many and one of few, over the difference of their numbers: what a fit costs \
once is not in it. All begin at the same parameters and must come to the same mean log-likelihood within 1e-10, except linfa and mlpack, \
which take no start and are only timed; so must all who answer a call. Whole fits have a tolerance of 1e-3 of the mean log-likelihood, another seed in each repeat, and otherwise each \
one's defaults; for ours, four starts at most, and in the last column its own tolerance, too. Their likelihood is the median of the repeats'. \"no mixture\" stands for covariances \
that are not positive definite, in most repeats. The kernel and linfa are measured with one thread. mlpack computes densities and no logarithms of them. SciPy's cumulative probabilities and quantiles are in the column of scikit-learn.

The limit: the exponentials, logarithms and fused multiply-adds that a line cannot do without, at the machine's best.";

/// Measures the named workloads, or all; `false` if somebody failed, or came to another answer than ours.
pub(crate) fn run(project: &Project, names: &[String], quick: bool) -> Result<bool> {
    if let Some(unknown) = names.iter().find(|name| !workload::NAMES.contains(&name.as_str())) {
        bail!("there is no workload {unknown:?}; there are {}", workload::NAMES.join(", "));
    }
    let peers = Peers::install(project)?;
    let lines = workload::lines(names, quick);
    peers.make_data(&lines)?;
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for threads in THREADS {
        let mut contestants = peers.start(threads)?;
        let rates = rates(&mut contestants[0], threads)?;
        for line in &lines {
            let (cells, wrong) = measure(line, &mut contestants)?;
            let row = Row { line: line.clone(), threads, cells, limit: rates.of(line) };
            println!("{}", row.say());
            problems.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", line.title())));
            rows.push(row);
        }
    }
    show(project, &peers.versions()?, &rows, &problems, quick)?;
    if let Some(plot) = peers.plot_streams(&rows)? {
        let shown = project.bench_table().with_file_name("streams.svg");
        std::fs::copy(plot, &shown)?;
        println!("The cost of streams is drawn in {}.", project.short(&shown));
    }
    Ok(problems.is_empty())
}

/// What the machine can do at best, with so many threads.
fn rates(ours: &mut Contestant, threads: usize) -> Result<Rates> {
    let mut rate = |operation: &str| -> Result<f64> {
        let answer = ours.ask(format!("limit {operation} - - {threads} - - -"))?;
        Ok(answer.context("the limit cannot be measured")?.seconds)
    };
    Ok(Rates { exp: rate("exp")?, ln: rate("ln")?, fma: rate("fma")? })
}

/// What a turn came to.
struct Turn {
    /// Of the unit that is compared: an iteration, a fit, or a call.
    seconds: f64,
    /// What was computed.
    value: Option<f64>,
    /// Of all that was timed.
    spent: Duration,
}

/// Everybody's times on a line, a turn of each in every round; and what went wrong, or differs from ours.
fn measure(line: &Line, contestants: &mut [Contestant]) -> Result<(Vec<Cell>, Vec<String>)> {
    let mut cells: Vec<Cell> = contestants.iter().map(|c| Cell::new(c.name)).collect();
    let mut spent = vec![Duration::ZERO; contestants.len()];
    let mut problems = Vec::new();
    for round in 0..ROUNDS {
        for (i, cell) in cells.iter_mut().enumerate() {
            let contestant = &mut contestants[i];
            let is_out = cell.times.len() < round || (contestant.leaves_out)(line.work);
            if is_out || spent[i] > PATIENCE {
                continue;
            }
            thread::sleep(PAUSE);
            let fitted = format!("fitted-{i}");
            let turn = turn(line, round, contestant, &fitted);
            children::check_interrupted()?;
            match turn {
                Ok(Some(turn)) => {
                    cell.times.push(turn.seconds);
                    spent[i] += turn.spent;
                    // All rounds are the same but those of whole fits.
                    let is_judged = round == 0 && contestant.must_agree(line.work);
                    if is_judged || line.work == Work::WholeFit {
                        cell.values.extend(judge(line, turn.value, &fitted, &mut contestants[0]));
                    }
                }
                Ok(None) => {}
                Err(problem) => problems.push(format!("{problem:#}")),
            }
        }
    }
    problems.extend(disagreements(line, &cells, contestants));
    Ok((cells, problems))
}

/// One measurement; none if this contestant has no such thing. The number of the round is a whole fit's seed.
fn turn(
    line: &Line,
    round: usize,
    contestant: &mut Contestant,
    fitted: &str,
) -> Result<Option<Turn>> {
    let counts = match line.work {
        // The first is not counted: after a pause caches and threads are cold, which would be subtracted from the last.
        Work::Iterations { few, many } => vec![few, few, many],
        Work::WholeFit => vec![round],
        Work::Call(_) | Work::Stream => vec![line.n],
    };
    let whole_fit = contestant.whole_fit;
    let requests: Vec<String> =
        counts.iter().map(|&n| line.request(n, fitted, whole_fit)).collect();
    let Some(answers) = contestant.ask_all(&requests)? else { return Ok(None) };
    let last = answers[answers.len() - 1];
    let seconds = match line.work {
        Work::Iterations { few, many } => {
            for (answer, count) in answers.iter().zip(&counts) {
                let done = answer.iterations;
                let name = contestant.name;
                ensure!(done == *count, "{name} did {done} iterations, not {count}");
            }
            (last.seconds - answers[1].seconds) / (many - few) as f64
        }
        _ => last.seconds,
    };
    let spent = Duration::try_from_secs_f64(answers.iter().map(|answer| answer.seconds).sum())?;
    Ok(Some(Turn { seconds, value: last.value, spent }))
}

/// The value by which an answer is compared: for whatever was fitted, the mean log-likelihood that ours finds in it; not a number
/// if those are no parameters of a mixture.
fn judge(line: &Line, value: Option<f64>, fitted: &str, ours: &mut Contestant) -> Option<f64> {
    if !matches!(line.work, Work::Iterations { .. } | Work::WholeFit) {
        return value;
    }
    let answer = ours.ask(line.judge(fitted)).ok().flatten();
    Some(answer.and_then(|answer| answer.value).unwrap_or(f64::NAN))
}

/// Who has come to another answer than ours, of those who should have come to the same.
fn disagreements(line: &Line, cells: &[Cell], contestants: &[Contestant]) -> Vec<String> {
    let tolerance = match line.work {
        Work::Call("sample") => CHANCE,
        _ => ROUNDING,
    };
    let compared = cells.iter().zip(contestants).filter(|(_, c)| c.must_agree(line.work));
    let answers: Vec<(&str, f64)> =
        compared.filter_map(|(cell, _)| Some((cell.name, *cell.values.first()?))).collect();
    differences(&answers, tolerance)
}

/// Prints the tables and what was wrong, and writes both to `target/bench/table.md`.
fn show(
    project: &Project,
    versions: &str,
    rows: &[Row],
    problems: &[String],
    quick: bool,
) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let size = if quick { "A tenth of the usual sizes. " } else { "" };
    let about = format!("{size}{cores} cores, {}; {versions}.", vectors());
    let wrong: String = problems.iter().map(|problem| format!("\n✗ {problem}\n")).collect();
    let tables = table::tables(rows);
    let all = |each: fn(&Table) -> String| {
        let tables: Vec<String> = tables.iter().map(each).collect();
        format!("{about}\n\n{}\n{NOTES}\n{wrong}", tables.join("\n"))
    };
    let path = project.bench_table();
    files::write(&path, all(Table::markdown).as_bytes())?;
    println!("\n{}\nAlso in {}.", all(Table::text), project.short(&path));
    Ok(())
}

/// The widest vector instructions of this processor that a program may use.
fn vectors() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            return "AVX-512";
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return "AVX2 and FMA";
        }
    }
    std::env::consts::ARCH
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Negative control: whoever fits from the common start must come to our answer, and whoever does not, need not.
    #[test]
    fn a_fit_that_comes_to_something_else_is_told() {
        let line = workload::lines(&["a".to_owned()], true).swap_remove(0);
        let contestants = |takes_a_start| {
            let mut all = ["ours", "peer"].map(|name| Contestant::same(name, "{}"));
            all[1].takes_a_start = takes_a_start;
            all
        };
        let cell = |name, value| Cell { values: vec![value], ..Cell::new(name) };
        let wrong = [cell("ours", 0.037), cell("peer", 0.037 + 1e-8)];
        let told = disagreements(&line, &wrong, &contestants(true));
        assert!(told.len() == 1 && told[0].starts_with("peer has 0.0370000100"), "{told:?}");
        assert!(disagreements(&line, &wrong, &contestants(false)).is_empty());
        // But a density is the same for all, and where a fit ends from its own start is for none.
        let [density, whole] =
            ["h", "i"].map(|name| workload::lines(&[name.to_owned()], true).swap_remove(0));
        assert_eq!(disagreements(&density, &wrong, &contestants(false)).len(), 1);
        assert!(disagreements(&whole, &wrong, &contestants(true)).is_empty());
        let right = [cell("ours", 0.037), cell("peer", 0.037 + 1e-12)];
        assert!(disagreements(&line, &right, &contestants(true)).is_empty());
    }

    #[test]
    fn parameters_that_are_no_mixture_are_no_equal_answer() {
        let line = workload::lines(&["d".to_owned()], true).swap_remove(0);
        let mut ours = Contestant::same("ours", r#"{"error": "not positive definite"}"#);
        let judged = judge(&line, None, "x", &mut ours);
        let cells = [
            Cell { values: vec![-47.0], ..Cell::new("ours") },
            Cell { values: judged.into_iter().collect(), ..Cell::new("peer") },
        ];
        assert_eq!(disagreements(&line, &cells, &[ours, Contestant::same("peer", "")]).len(), 1);
    }

    #[test]
    fn an_iteration_is_a_difference_and_none_may_be_missing() -> Result<()> {
        let line = workload::lines(&["a".to_owned()], true).swap_remove(0);
        // The same answer to few and many: the second has too few.
        let mut early = Contestant::answering("early", |_| {
            r#"{"seconds": 1.0, "value": null, "iterations": 5}"#.to_owned()
        });
        let told = turn(&line, 0, &mut early, "x").map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(told, Err("early did 5 iterations, not 65".to_owned()));
        let counts: fn(&str) -> String = |request| {
            let count = request.split(' ').nth(4).unwrap_or_default();
            format!(r#"{{"seconds": {count}.5, "value": null, "iterations": {count}}}"#)
        };
        let mut steady = Contestant::answering("steady", counts);
        // 5.5 and 65.5 seconds: 60 iterations of one second.
        assert_eq!(turn(&line, 0, &mut steady, "x")?.map(|turn| turn.seconds), Some(1.0));
        // Another seed in each round.
        let whole = workload::lines(&["i".to_owned()], true).swap_remove(0);
        assert_eq!(turn(&whole, 3, &mut steady, "x")?.map(|turn| turn.seconds), Some(3.5));
        Ok(())
    }
}
