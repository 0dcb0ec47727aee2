//! A figure in words and numbers, for readers who do not see it and for viewers that do not show it.

use crate::figure::{Figure, Layer, Mark};
use gaussian_mixture::trapezoid;

pub(crate) fn caption(figure: &Figure) -> String {
    let mut text = format!("Figure: {}.", figure.title);
    if !figure.x_label.is_empty() {
        text.push_str(&format!(" Across: {}.", figure.x_label));
    }
    if !figure.y_label.is_empty() {
        text.push_str(&format!(" Up: {}.", figure.y_label));
    }
    for layer in &figure.layers {
        text.push('\n');
        text.push_str(&sentence(layer));
    }
    text
}

fn sentence(layer: &Layer) -> String {
    let color = layer.role.color_name();
    let kind = match layer.mark {
        Mark::Line => format!("{color} line"),
        Mark::Dashed => format!("{color} dashed line"),
        Mark::Shaded => format!("{color} shaded area"),
        Mark::Bars { n_samples, n_bins } => {
            format!("{color} histogram of {n_samples} samples in {n_bins} bins")
        }
    };
    let label = if layer.label.is_empty() { "Unlabelled" } else { &layer.label };
    let highest = layer.points.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a });
    let Some((x, y)) = highest else { return format!("{label}: {kind}.") };
    let place = match layer.mark {
        // Both ends of the highest bar are its highest points; the first is its left edge.
        Mark::Bars { .. } => format!("in the bar from {}", number(x)),
        _ => format!("at {}", number(x)),
    };
    format!("{label}: {kind}, highest {} {place}{}.", number(y), area(layer))
}

/// What lies under it, where that is defined: a histogram's bars have vertical sides, which the rule does not take.
fn area(layer: &Layer) -> String {
    let (x, y): (Vec<f64>, Vec<f64>) = layer.points.iter().copied().unzip();
    match (layer.mark, trapezoid(&x, &y)) {
        (Mark::Bars { .. }, _) | (_, Err(_)) => String::new(),
        (_, Ok(area)) => format!(", area below it {}", number(area)),
    }
}

/// Four digits, whatever the unit.
fn number(x: f64) -> String {
    match x.abs() {
        size if size == 0.0 || (1e-3..1e4).contains(&size) => format!("{x:.3}"),
        _ => format!("{x:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Figure, Role};
    use gaussian_mixture::Histogram;

    #[test]
    fn it_tells_what_each_layer_shows() {
        let histogram = Histogram::with_bins(&[0.0, 1.0, 1.5, 2.0], 2).unwrap();
        let caption = Figure::new("A tent")
            .labels("Length (mm)", "Probability density")
            .histogram("Samples", &histogram)
            .dashed("tent", Role::ByHand, &[0.0, 1.0, 2.0], &[0.0, 1.0, 0.0])
            .caption();
        assert_eq!(
            caption,
            "Figure: A tent. Across: Length (mm). Up: Probability density.\n\
             Samples: grey histogram of 4 samples in 2 bins, highest 0.750 in the bar from 1.000.\n\
             tent: black dashed line, highest 1.000 at 1.000, area below it 1.000."
        );
    }
}
