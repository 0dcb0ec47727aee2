//! Mixtures that are stored and read back.

use gaussian_mixture::{
    Covariances, GaussianMixture, Histogram, MultivariateGaussianMixture, Weights,
};
use ndarray::array;

#[test]
fn what_is_stored_is_read_back_to_the_bit() {
    let weights = Weights::from_proportions([1.0, 2.0, 4.0]).unwrap();
    let m = GaussianMixture::new(&weights, [0.1, 1e-300, -3e8], [1e-8, 0.3, 7.0]).unwrap();
    let text = serde_json::to_string(&m).unwrap();
    assert_eq!(serde_json::from_str::<GaussianMixture>(&text).unwrap(), m);
    let matrix = array![[1.0, 0.1], [0.1, 0.7]];
    for covariances in [
        Covariances::Full(array![[[1.0, 0.1], [0.1, 0.7]], [[2.0, 0.0], [0.0, 0.3]]]),
        Covariances::Tied(matrix.clone()),
        Covariances::Diagonal(matrix),
        Covariances::Spherical(array![0.1, 3.0]),
    ] {
        let means = array![[0.1, 0.2], [0.3, 1e-9]];
        let m = MultivariateGaussianMixture::new([0.3, 0.7], &means, covariances).unwrap();
        let text = serde_json::to_string(&m).unwrap();
        assert_eq!(serde_json::from_str::<MultivariateGaussianMixture>(&text).unwrap(), m);
    }
    let h = Histogram::from_counts(&[0.0, 0.1, 0.7], &[1.5, 2.5]).unwrap();
    let text = serde_json::to_string(&h).unwrap();
    assert_eq!(serde_json::from_str::<Histogram>(&text).unwrap(), h);
}

#[test]
fn what_could_not_be_built_cannot_be_read() {
    let error = |text: &str| serde_json::from_str::<GaussianMixture>(text).unwrap_err().to_string();
    let sum = error(r#"{"weights":[0.5,0.6],"means":[0,1],"std_devs":[1,1]}"#);
    assert!(sum.contains("expected weights that sum to 1"), "{sum}");
    let negative = error(r#"{"weights":[1],"means":[0],"std_devs":[-1]}"#);
    assert!(negative.contains("std_devs[0]"), "{negative}");
    assert!(serde_json::from_str::<Weights>("[0.5]").is_err());
    let matrix = r#"{"weights":[1],"means":[[0,0]],"covariances":{"tied":[[1,2],[2,1]]}}"#;
    let matrix =
        serde_json::from_str::<MultivariateGaussianMixture>(matrix).unwrap_err().to_string();
    assert!(matrix.contains("pivot 1"), "{matrix}");
    let ragged = r#"{"weights":[1],"means":[[0,0]],"covariances":{"full":[[[1,0],[0]]]}}"#;
    assert!(serde_json::from_str::<MultivariateGaussianMixture>(ragged).is_err());
    assert!(serde_json::from_str::<Histogram>(r#"{"edges":[0,1],"counts":[-1]}"#).is_err());
}
