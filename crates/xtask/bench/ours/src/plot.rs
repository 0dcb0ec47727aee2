//! How the cost of an iteration grows with the number of samples, as a figure.

use gmm_notebook::{Figure, FigureError, Role};
use std::error::Error;
use std::fs;
use std::path::Path;

/// Draws the numbers of a file, in threes of threads, samples and seconds, into another; none if the request is of another kind.
pub(crate) fn answer(folder: &Path, request: &str) -> Option<String> {
    let words: Vec<&str> = request.split(' ').collect();
    let &["plot", _, _, _, _, data, _, to] = words.as_slice() else { return None };
    let drawn = read(&folder.join(data))
        .and_then(|measured| Ok(fs::write(folder.join(to), svg(&measured)?)?));
    Some(match drawn {
        Ok(()) => "{\"seconds\": 0.0, \"value\": 0.0, \"iterations\": 0}".to_owned(),
        Err(error) => format!("{{\"error\": {:?}}}", error.to_string()),
    })
}

fn read(path: &Path) -> Result<Vec<[f64; 3]>, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let (numbers, _) = bytes.as_chunks::<8>();
    let numbers: Vec<f64> = numbers.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
    Ok(numbers.as_chunks::<3>().0.to_vec())
}

/// On two logarithmic axes a cost in proportion to the samples is a line of slope 1: one through the last point of
/// each, as what a stream costs once counts for little there.
fn svg(measured: &[[f64; 3]]) -> Result<String, FigureError> {
    let mut figure = Figure::new("An iteration of EM over a stream costs the same per sample")
        .labels("Samples", "Seconds")
        .log_x()
        .log_y();
    for (threads, name, role) in [(1.0, "one thread", Role::Data), (2.0, "two", Role::Fitted)] {
        let own = measured.iter().filter(|[t, ..]| *t == threads);
        let (n, seconds): (Vec<f64>, Vec<f64>) = own.map(|&[_, n, seconds]| (n, seconds)).unzip();
        let (Some(last), Some(most)) = (seconds.last(), n.last()) else { continue };
        let line: Vec<f64> = n.iter().map(|n| last * n / most).collect();
        figure = figure
            .curve(format!("in proportion, {name}"), Role::Reference, &n, &line)
            .points(name, role, &n, &seconds);
    }
    figure.to_svg()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_threads_has_its_points_and_its_line() {
        let measured = [[1.0, 1e6, 0.02], [1.0, 1e8, 2.0], [2.0, 1e6, 0.01], [2.0, 1e8, 1.0]];
        let svg = svg(&measured).unwrap();
        for name in ["one thread", "two", "in proportion, one thread", "in proportion, two"] {
            assert!(svg.contains(&format!(">{name}<")), "{name}");
        }
        assert!(svg.contains("10⁸"));
    }

    #[test]
    fn a_file_that_is_not_there_is_told() {
        let told = answer(Path::new("nowhere"), "plot - - - 0 none - plot.svg");
        assert!(told.is_some_and(|reply| reply.starts_with("{\"error\"")));
        assert_eq!(answer(Path::new("nowhere"), "fit full 3 1 10 a b c"), None);
    }
}
