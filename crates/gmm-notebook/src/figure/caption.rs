//! A figure in words and numbers, for readers who do not see it and for viewers that do not show it.

use super::Figure;
use super::axis::Scale;
use super::graph::{Graph, Of};
use super::layer::{Layer, Mark, Points};
use super::number::{place, short};
use super::scene::{FLOOR, Scene};
use gaussian_mixture::trapezoid;

pub(crate) fn caption(figure: &Figure) -> String {
    let mut text = format!("Figure: {}.", figure.title.trim_end_matches('.'));
    let scale = |scale| if scale == Scale::Log { ", on a logarithmic axis" } else { "" };
    if !figure.x_label.is_empty() {
        text.push_str(&format!(" Across: {}{}.", figure.x_label, scale(figure.x_scale)));
    }
    if !figure.y_label.is_empty() {
        text.push_str(&format!(" Up: {}{}.", figure.y_label, scale(figure.y_scale)));
    }
    match Scene::of(figure) {
        Ok(scene) => {
            scene.layers.iter().for_each(|(layer, points)| {
                text.push_str(&sentence(layer, points, scene.x.high - scene.x.low));
            });
            let graphs =
                scene.layers.iter().any(|(layer, _)| matches!(layer.points, Points::Graph(_)));
            if graphs && figure.y_scale == Scale::Log && figure.y_range.is_none() {
                text.push_str(&format!(
                    "\nDensities are drawn down to {FLOOR:e} of the highest value."
                ));
            }
        }
        Err(error) => text.push_str(&format!("\nIt cannot be drawn: {error}.")),
    }
    text
}

fn sentence(layer: &Layer, points: &[(f64, f64)], length: f64) -> String {
    let color = layer.role.color_name();
    let label = if layer.label.is_empty() { "Unlabelled" } else { &layer.label };
    let line = || match style(layer) {
        "" => format!("{color} line"),
        style => format!("{color} {style} line"),
    };
    let kind = match layer.mark {
        Mark::Line(_) => line(),
        Mark::Shaded | Mark::Area | Mark::Rise => format!("{color} shaded area"),
        Mark::Bars { n_samples, n_bins } => {
            format!("{color} histogram of {n_samples} samples in {n_bins} bins")
        }
        Mark::Markers => format!("{} {color} {}", points.len(), plural(points.len(), "marker")),
        Mark::Steps => {
            format!("{color} line through {} {}", points.len(), plural(points.len(), "point"))
        }
        Mark::Cloud { n_samples } if n_samples > points.len() => {
            format!("{} of {n_samples} samples, evenly picked, as {color} dots", points.len())
        }
        Mark::Cloud { n_samples } => format!("{n_samples} {color} {}", plural(n_samples, "dot")),
        Mark::Closed => format!("{color} closed curve"),
        Mark::Vertical => format!("{color} vertical line"),
        Mark::Horizontal => format!("{color} horizontal line"),
        Mark::Drops => {
            format!("{color} {} with lines to both axes", plural(points.len(), "marker"))
        }
    };
    let content = match &layer.told {
        Some(told) => format!(", {told}"),
        None => content(layer, points, length),
    };
    format!("\n{label}: {kind}{content}.")
}

fn plural(n: usize, word: &str) -> String {
    if n == 1 { word.to_owned() } else { format!("{word}s") }
}

/// How the line looks where its colour is not seen.
fn style(layer: &Layer) -> &'static str {
    match layer.mark {
        Mark::Line(Some(_)) => "dashed",
        Mark::Line(None) => layer.role.style_name(),
        _ => "",
    }
}

/// What the points show, on an axis of that length.
fn content(layer: &Layer, points: &[(f64, f64)], length: f64) -> String {
    let highest = points.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a });
    let lowest = points.iter().copied().reduce(|a, b| if b.1 < a.1 { b } else { a });
    let (Some((x, y)), Some((low_x, low_y))) = (highest, lowest) else {
        return ", outside the axes".to_owned();
    };
    let peak = format!(", highest {} at {}", short(y), place(x, length));
    let ends = || {
        let [first, .., last] = points else { return String::new() };
        format!(
            ", from ({}, {}) to ({}, {})",
            place(first.0, length),
            short(first.1),
            place(last.0, length),
            short(last.1)
        )
    };
    match (&layer.points, layer.mark) {
        (_, Mark::Vertical) => format!(" at {}", place(x, length)),
        (_, Mark::Horizontal) => format!(" at {}", short(y)),
        // Both ends of the highest bar are its highest points; the first is its left edge.
        (_, Mark::Bars { .. }) => {
            format!(", highest {} in the bar from {}", short(y), place(x, length))
        }
        (_, Mark::Markers | Mark::Steps | Mark::Drops) => {
            format!("{}{peak}, lowest {} at {}", ends(), short(low_y), place(low_x, length))
        }
        (_, Mark::Cloud { .. } | Mark::Closed) => {
            let across =
                |pick: fn(f64, f64) -> f64, start| points.iter().map(|p| p.0).fold(start, pick);
            let (left, right) =
                (across(f64::min, f64::INFINITY), across(f64::max, f64::NEG_INFINITY));
            format!(
                ", from {} to {} across and from {} to {} up",
                place(left, length),
                place(right, length),
                short(low_y),
                short(y)
            )
        }
        (Points::Graph(graph), _) => graph_content(graph, points, &peak, length),
        (Points::Given(_), _) => {
            let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
            match trapezoid(&x, &y) {
                Ok(area) => format!("{peak}, area below it {}", short(area)),
                Err(_) => peak,
            }
        }
    }
}

fn graph_content(graph: &Graph, points: &[(f64, f64)], peak: &str, length: f64) -> String {
    let [(low, from), .., (high, to)] = points else { return String::new() };
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    match graph.of {
        Of::Density | Of::Component(_) => match trapezoid(&x, &y) {
            Ok(area) => {
                format!(
                    "{peak}, area {} from {} to {}",
                    short(area),
                    place(*low, length),
                    place(*high, length)
                )
            }
            Err(_) => peak.to_owned(),
        },
        Of::Cdf => format!(
            ", rising from {} at {} to {} at {}",
            short(*from),
            place(*low, length),
            short(*to),
            place(*high, length)
        ),
        Of::Responsibility(_) => format!(
            "{peak}, {} at the left end {} and {} at the right end {}",
            short(*from),
            place(*low, length),
            short(*to),
            place(*high, length)
        ),
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
            .dashed("tent", Role::Wrong, &[0.0, 1.0, 2.0], &[0.0, 1.0, 0.0])
            .caption();
        assert_eq!(
            caption,
            "Figure: A tent. Across: Length (mm). Up: Probability density.\n\
             Samples: grey histogram of 4 samples in 2 bins, highest 0.750 in the bar from 1.000.\n\
             tent: black dashed line, highest 1.000 at 1.000, area below it 1.000."
        );
    }
}
