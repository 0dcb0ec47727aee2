//! How mixtures are stored: their parameters in plain lists, which go through the constructors' checks when they are read.

use crate::{
    Covariances, GaussianMixture, Histogram, HistogramError, MultivariateGaussianMixture,
    ParameterError, Weights,
};
use ndarray::{Array1, Array2, Array3, Axis};
use serde::{Deserialize, Serialize};

impl TryFrom<Vec<f64>> for Weights {
    type Error = ParameterError;

    fn try_from(weights: Vec<f64>) -> Result<Self, ParameterError> {
        Self::new(weights)
    }
}

impl From<Weights> for Vec<f64> {
    fn from(weights: Weights) -> Self {
        weights.to_vec()
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Univariate {
    weights: Weights,
    means: Vec<f64>,
    std_devs: Vec<f64>,
}

impl From<GaussianMixture> for Univariate {
    fn from(mixture: GaussianMixture) -> Self {
        Self {
            weights: mixture.weights().clone(),
            means: mixture.means().to_vec(),
            std_devs: mixture.std_devs().to_vec(),
        }
    }
}

impl TryFrom<Univariate> for GaussianMixture {
    type Error = ParameterError;

    fn try_from(stored: Univariate) -> Result<Self, ParameterError> {
        Self::new(stored.weights, stored.means, stored.std_devs)
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Multivariate {
    weights: Weights,
    means: Vec<Vec<f64>>,
    covariances: StoredCovariances,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredCovariances {
    Full(Vec<Vec<Vec<f64>>>),
    Tied(Vec<Vec<f64>>),
    Diagonal(Vec<Vec<f64>>),
    Spherical(Vec<f64>),
}

impl From<MultivariateGaussianMixture> for Multivariate {
    fn from(mixture: MultivariateGaussianMixture) -> Self {
        let covariances = match mixture.covariances() {
            Covariances::Full(c) => {
                StoredCovariances::Full(c.outer_iter().map(|c| lists(&c.to_owned())).collect())
            }
            Covariances::Tied(c) => StoredCovariances::Tied(lists(c)),
            Covariances::Diagonal(c) => StoredCovariances::Diagonal(lists(c)),
            Covariances::Spherical(c) => StoredCovariances::Spherical(c.to_vec()),
        };
        Self { weights: mixture.weights().clone(), means: lists(mixture.means()), covariances }
    }
}

impl TryFrom<Multivariate> for MultivariateGaussianMixture {
    type Error = ParameterError;

    fn try_from(stored: Multivariate) -> Result<Self, ParameterError> {
        let covariances = match stored.covariances {
            StoredCovariances::Full(c) => {
                let tables =
                    c.iter().map(|c| table("covariances", c)).collect::<Result<Vec<_>, _>>()?;
                let d = tables.first().map_or(0, Array2::nrows);
                let mut all = Array3::zeros((tables.len(), d, d));
                for (table, mut covariance) in tables.iter().zip(all.outer_iter_mut()) {
                    if table.dim() != (d, d) {
                        let (expected, found) = (vec![d, d], table.shape().to_vec());
                        return Err(ParameterError::Shape { what: "covariances", expected, found });
                    }
                    covariance.assign(table);
                }
                Covariances::Full(all)
            }
            StoredCovariances::Tied(c) => Covariances::Tied(table("covariances", &c)?),
            StoredCovariances::Diagonal(c) => Covariances::Diagonal(table("covariances", &c)?),
            StoredCovariances::Spherical(c) => Covariances::Spherical(Array1::from_vec(c)),
        };
        Self::new(stored.weights, &table("means", &stored.means)?, covariances)
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Counts {
    edges: Vec<f64>,
    counts: Vec<f64>,
}

impl From<Histogram> for Counts {
    fn from(histogram: Histogram) -> Self {
        Self { edges: histogram.edges().to_vec(), counts: histogram.counts().to_vec() }
    }
}

impl TryFrom<Counts> for Histogram {
    type Error = HistogramError;

    fn try_from(stored: Counts) -> Result<Self, HistogramError> {
        Self::from_counts(&stored.edges, &stored.counts)
    }
}

fn lists(table: &Array2<f64>) -> Vec<Vec<f64>> {
    table.axis_iter(Axis(0)).map(|row| row.to_vec()).collect()
}

/// Rows of one length; another row's length is the shape that is reported.
fn table(what: &'static str, rows: &[Vec<f64>]) -> Result<Array2<f64>, ParameterError> {
    let dim = rows.first().map_or(0, Vec::len);
    if let Some(row) = rows.iter().find(|row| row.len() != dim) {
        let (expected, found) = (vec![rows.len(), dim], vec![rows.len(), row.len()]);
        return Err(ParameterError::Shape { what, expected, found });
    }
    Ok(Array2::from_shape_fn((rows.len(), dim), |(i, j)| rows[i][j]))
}
