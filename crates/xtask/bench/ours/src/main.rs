//! Answers `cargo xtask bench`: a line of words in, a line of JSON out, until there are no more. Its first argument is the
//! folder of the data.

mod limit;
mod make;
mod measure;
mod plot;

use std::io::{self, BufRead};
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).map(PathBuf::from).unwrap_or_default();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let answer = limit::answer(&line)
            .or_else(|| make::answer(&folder, &line))
            .or_else(|| plot::answer(&folder, &line))
            .unwrap_or_else(|| measure::answer(&folder, &line));
        println!("{answer}");
    }
    Ok(())
}
