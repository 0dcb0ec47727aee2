//! linfa's answers to `cargo xtask bench`: a line of eight words in, a line of JSON out, until there are no more. Its first
//! argument is the folder of the data. The words are explained in `../ours/src/measure.rs`.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{GaussianMixtureModel, GmmError, GmmInitMethod};
use ndarray::Array2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;
use std::error::Error;
use std::io::{self, BufRead};
use std::path::Path;
use std::time::Instant;

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_default();
    for line in io::stdin().lock().lines() {
        let answer = answer(Path::new(&folder), &line?);
        println!(
            "{}",
            answer.unwrap_or_else(|error| format!("{{\"error\": {:?}}}", error.to_string()))
        );
    }
    Ok(())
}

fn answer(folder: &Path, request: &str) -> Result<String, Box<dyn Error>> {
    let words: Vec<&str> = request.split(' ').collect();
    let &[kind, covariances, k, d, count, data, _, fitted] = words.as_slice() else {
        return Err("expected eight words".into());
    };
    if !matches!(kind, "fit" | "whole") || covariances != "full" {
        return Ok("{\"cannot\": true}".to_owned());
    }
    let (k, d, count): (usize, usize, u64) = (k.parse()?, d.parse()?, count.parse()?);
    let bytes = std::fs::read(folder.join(data))?;
    let values: Vec<f64> =
        bytes.as_chunks::<8>().0.iter().map(|&b| f64::from_le_bytes(b)).collect();
    let rows = DatasetBase::from(Array2::from_shape_vec((values.len() / d, d), values)?);
    let rng = Xoshiro256Plus::seed_from_u64(if kind == "whole" { count } else { 0 });
    let mut parameters = GaussianMixtureModel::params_with_rng(k, rng).tolerance(1e-3);
    if kind == "fit" {
        // It takes no start: random responsibilities cost the least, and no change is as small as the tolerance.
        parameters = parameters.init_method(GmmInitMethod::Random).n_runs(1);
        parameters = parameters.tolerance(f64::MIN_POSITIVE).max_n_iterations(count);
    }
    let clock = Instant::now();
    let result = parameters.fit(&rows);
    let seconds = clock.elapsed().as_secs_f64();
    match (kind, result) {
        // All iterations were done, which it calls an error.
        ("fit", Err(GmmError::NotConverged(_))) => {}
        ("fit", Ok(_)) => return Err("it stopped before its limit of iterations".into()),
        (_, Err(error)) => return Err(error.into()),
        (_, Ok(mixture)) => {
            let all = mixture.weights().iter().chain(mixture.means()).chain(mixture.covariances());
            let bytes: Vec<u8> = all.copied().flat_map(f64::to_le_bytes).collect();
            std::fs::write(folder.join(fitted), bytes)?;
        }
    }
    Ok(format!("{{\"seconds\": {seconds:?}, \"value\": null, \"iterations\": {count}}}"))
}
