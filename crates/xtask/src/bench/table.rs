//! The results as tables, one for each kind of work: for a terminal, and in Markdown.

use std::iter;

use super::ROUNDS;
use super::workload::{HEADINGS, Line, Work};
use crate::statistics::median;

/// What everything is divided by.
pub(crate) const OURS: &str = "ours";

/// What one contestant has come to on one line.
pub(crate) struct Cell {
    pub(crate) name: &'static str,
    /// Seconds, of every repeat.
    pub(crate) times: Vec<f64>,
    /// What was computed: of fits, the mean log-likelihood.
    pub(crate) values: Vec<f64>,
}

impl Cell {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, times: Vec::new(), values: Vec::new() }
    }
}

/// A line as it was measured, with so many threads.
pub(crate) struct Row {
    pub(crate) line: Line,
    pub(crate) threads: usize,
    pub(crate) cells: Vec<Cell>,
    /// Seconds.
    pub(crate) limit: Option<f64>,
}

/// A heading, and lines of cells, of which the first are the columns' names.
pub(crate) struct Table {
    heading: &'static str,
    lines: Vec<Vec<String>>,
}

/// A table for each kind of work that has rows.
pub(crate) fn tables(rows: &[Row]) -> Vec<Table> {
    let tables = HEADINGS.map(|heading| {
        let rows: Vec<&Row> =
            rows.iter().filter(|row| row.line.work.heading() == heading).collect();
        Table { heading, lines: lines(&rows) }
    });
    tables.into_iter().filter(|table| table.lines.len() > 1).collect()
}

fn lines(rows: &[&Row]) -> Vec<Vec<String>> {
    let mut names: Vec<&str> = Vec::new();
    for cell in rows.iter().flat_map(|row| &row.cells).filter(|cell| !cell.times.is_empty()) {
        if !names.contains(&cell.name) {
            names.push(cell.name);
        }
    }
    let has_limit = rows.iter().any(|row| row.limit.is_some());
    let mut header = vec![String::new(), "threads".to_owned()];
    header.extend(names.iter().map(|&name| name.to_owned()));
    header.extend(has_limit.then(|| "limit".to_owned()));
    let mut lines = vec![header];
    for row in rows {
        let mut line = vec![row.line.title(), row.threads.to_string()];
        line.extend(names.iter().map(|name| row.cell(name)));
        line.extend(
            has_limit.then(|| row.limit.map_or("–".to_owned(), |limit| row.time(limit, 0))),
        );
        lines.push(line);
    }
    lines
}

impl Row {
    /// All of the row in one line of prose.
    pub(crate) fn say(&self) -> String {
        let cells = self.cells.iter().filter(|cell| !cell.times.is_empty());
        let said = cells.map(|cell| format!("{} {}", cell.name, self.cell(cell.name)));
        let limit = self.limit.map(|limit| format!("limit {}", self.time(limit, 0)));
        let all: Vec<String> = said.chain(limit).collect();
        let threads =
            if self.threads == 1 { "1 thread" } else { &format!("{} threads", self.threads) };
        format!("{} · {threads}: {}", self.line.title(), all.join(", "))
    }

    /// Threads, samples, and the seconds that ours took for a stream; none if it is other work.
    pub(crate) fn stream(&self) -> Option<[f64; 3]> {
        let seconds = median(&self.of(OURS)?.times)?;
        let is_stream = self.line.work == Work::Stream;
        is_stream.then_some([self.threads as f64, self.line.n as f64, seconds])
    }

    fn of(&self, name: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.name == name && !cell.times.is_empty())
    }

    fn cell(&self, name: &str) -> String {
        let Some(cell) = self.of(name) else { return "–".to_owned() };
        let Some(seconds) = median(&cell.times) else { return "–".to_owned() };
        let time = self.time(seconds, cell.times.len());
        match median(&cell.values) {
            Some(value) if self.line.work == Work::WholeFit && value.is_nan() => {
                format!("{time} → no mixture")
            }
            Some(value) if self.line.work == Work::WholeFit => format!("{time} → {value:.5}"),
            _ => time,
        }
    }

    /// `2.31 ms ×1.64`, the ratio to ours, unless it is ours; with the number of repeats if there are fewer than usual.
    fn time(&self, seconds: f64, repeats: usize) -> String {
        let time = match self.line.work {
            Work::Stream => format!("{} ns", digits(seconds / self.line.n as f64 * 1e9)),
            _ => format!("{} ms", digits(seconds * 1e3)),
        };
        let ours =
            self.of(OURS).and_then(|cell| median(&cell.times)).filter(|&ours| ours != seconds);
        let ratio = ours.map(|ours| format!(" ×{}", digits(seconds / ours)));
        let few = (1..ROUNDS).contains(&repeats).then(|| format!(" [{repeats}]"));
        [Some(time), ratio, few].into_iter().flatten().collect()
    }
}

/// Three digits, or all before the point.
fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v >= 0.9995 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

impl Table {
    /// Columns side by side, the first to the left and the others to the right.
    pub(crate) fn text(&self) -> String {
        let n_columns = self.lines.first().map_or(0, Vec::len);
        let width =
            |column: usize| self.lines.iter().map(|line| line[column].chars().count()).max();
        let widths: Vec<usize> = (0..n_columns).filter_map(width).collect();
        let mut text = format!("{}\n", self.heading);
        for line in &self.lines {
            let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
                if column == 0 { format!("  {cell:<width$}") } else { format!("  {cell:>width$}") }
            });
            text.push_str(cells.collect::<String>().trim_end());
            text.push('\n');
        }
        text
    }

    pub(crate) fn markdown(&self) -> String {
        let row = |line: &[String]| format!("| {} |\n", line.join(" | "));
        let n_columns = self.lines.first().map_or(0, Vec::len);
        let rule: String =
            iter::once("|---|").chain(iter::repeat_n("---:|", n_columns - 1)).collect();
        let (header, body) = self.lines.split_at(1);
        let header: String = header.iter().map(|line| row(line)).collect();
        let body: String = body.iter().map(|line| row(line)).collect();
        format!("### {}\n\n{header}{rule}\n{body}", self.heading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::workload::lines;

    fn row(workload: &str, cells: Vec<Cell>, limit: Option<f64>) -> Row {
        let line = lines(&[workload.to_owned()], false).swap_remove(0);
        Row { line, threads: 1, cells, limit }
    }

    fn cell(name: &'static str, times: &[f64], values: &[f64]) -> Cell {
        Cell { name, times: times.to_vec(), values: values.to_vec() }
    }

    #[test]
    fn a_ratio_is_that_of_the_others_median_to_ours() {
        let ours = cell(OURS, &[0.003, 0.001, 0.002, 0.002, 0.002], &[]);
        let slow = cell("slow", &[0.009, 0.004, 0.001], &[]);
        let absent = cell("absent", &[], &[]);
        let row = row("a", vec![ours, slow, absent], Some(0.0005));
        assert_eq!(
            row.say(),
            "a · 1-D, k = 3, n = 17\u{202f}000 · 1 thread: ours 2.00 ms, slow 4.00 ms ×2.00 [3], limit 0.500 ms ×0.250"
        );
    }

    #[test]
    fn kinds_of_work_have_tables_of_their_own_with_only_who_took_part() {
        let fit = row("i", vec![cell(OURS, &[2.0; 5], &[-48.0, -47.123_456_7, -47.0])], None);
        let stream = row("j", vec![cell(OURS, &[0.05; 5], &[]), cell("x", &[], &[])], Some(0.01));
        let tables = tables(&[fit, stream]);
        assert_eq!(tables.len(), 2);
        assert_eq!(
            tables[0].text().lines().last(),
            Some("  i · 1-D, k = 3, n = 17\u{202f}000        1  2000 ms → -47.12346")
        );
        let markdown = tables[1].markdown();
        assert!(markdown.ends_with(
            "|  | threads | ours | limit |\n|---|---:|---:|---:|\n\
             | j · 1-D, k = 3, n = 1\u{202f}000\u{202f}000 | 1 | 50.0 ns | 10.0 ns ×0.200 |\n"
        ));
    }
}
