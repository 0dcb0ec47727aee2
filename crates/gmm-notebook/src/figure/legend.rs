//! The legend: a sample of each labelled layer with its label, in rows above the axes, where it hides nothing.

use super::canvas::{Canvas, Markers, Stroke};
use super::draw::{Area, Failure, INK, TEXT_SIZE, at, style};
use super::layer::{Layer, Mark};
use super::text::{Weight, lines, width};
use plotters::element::Text;
use plotters::prelude::Rectangle;
use plotters::style::{Color, ShapeStyle};
use plotters_backend::text_anchor::{HPos, VPos};

/// All in pixels.
pub(crate) const ROW: f64 = 19.0;
const SAMPLE: f64 = 28.0;
const GAP: f64 = 7.0;
const BETWEEN: f64 = 20.0;

/// An entry: its layer, the lines of its label, and where it stands, in pixels from the legend's upper left corner.
pub(crate) struct Key<'a> {
    layer: &'a Layer,
    lines: Vec<String>,
    left: f64,
    row: usize,
}

/// The entries of the labelled layers, in rows of at most so many pixels. A label that is wider goes on in a line below.
pub(crate) fn keys<'a>(layers: impl Iterator<Item = &'a Layer>, most: f64) -> Vec<Key<'a>> {
    let (mut left, mut row, mut rows_below) = (0.0, 0, 1);
    let mut keys: Vec<Key<'_>> = Vec::new();
    for layer in layers.filter(|layer| !layer.label.is_empty()) {
        let looks = |layer: &Layer| (layer.role, std::mem::discriminant(&layer.mark));
        let known =
            |key: &Key<'_>| key.layer.label == layer.label && looks(key.layer) == looks(layer);
        if keys.iter().any(known) {
            continue;
        }
        let lines = lines(&layer.label, TEXT_SIZE, Weight::Regular, most - SAMPLE - GAP);
        let text =
            lines.iter().map(|line| width(line, TEXT_SIZE, Weight::Regular)).fold(0.0, f64::max);
        let needed = SAMPLE + GAP + text;
        if left > 0.0 && left + needed > most {
            (left, row, rows_below) = (0.0, row + rows_below, 1);
        }
        rows_below = rows_below.max(lines.len());
        keys.push(Key { layer, lines, left, row });
        left += needed + BETWEEN;
    }
    keys
}

/// How many rows they take.
pub(crate) fn n_rows(keys: &[Key<'_>]) -> usize {
    keys.iter().map(|key| key.row + key.lines.len().max(1)).max().unwrap_or(0)
}

pub(crate) fn draw(keys: &[Key<'_>], area: &Area, left: f64, top: f64) -> Result<(), Failure> {
    for key in keys {
        let (left, line) = (left + key.left, top + ROW * (key.row as f64 + 0.5));
        sample(key.layer, area, left, line)?;
        for (i, text) in key.lines.iter().enumerate() {
            let place = at(left + SAMPLE + GAP, line + ROW * i as f64);
            area.draw(&Text::new(
                text.as_str(),
                place,
                style(TEXT_SIZE, INK, HPos::Left, VPos::Center),
            ))?;
        }
    }
    Ok(())
}

/// What the layer looks like.
fn sample(layer: &Layer, area: &Area, left: f64, line: f64) -> Result<(), Failure> {
    let color = layer.role.color();
    let stroke = |y: f64, width: u32, dash| {
        Path(Stroke {
            points: vec![(left, y), (left + SAMPLE, y)],
            color,
            width,
            dash,
            closed: false,
        })
    };
    let block = |opacity: f64| {
        let corners = [at(left, line - 6.0), at(left + SAMPLE, line + 6.0)];
        Rectangle::new(corners, ShapeStyle::from(color.mix(opacity)).filled())
    };
    let marker = |radius| {
        Dots(Markers {
            points: vec![(left + SAMPLE / 2.0, line)],
            marker: layer.role.marker(),
            color,
            opacity: 1.0,
            radius,
        })
    };
    match layer.mark {
        Mark::Line(dash) => stroke(line, 20, dash.unwrap_or(layer.role.dash())).draw(area),
        Mark::Shaded | Mark::Closed => {
            area.draw(&block(super::draw::SHADE))?;
            stroke(line - 6.0, 15, layer.role.dash()).draw(area)
        }
        Mark::Area | Mark::Rise => Ok(area.draw(&block(super::draw::SHADE))?),
        Mark::Bars { .. } => Ok(area.draw(&block(super::draw::BARS))?),
        Mark::Markers | Mark::Drops => marker(38).draw(area),
        Mark::Cloud { .. } => marker(28).draw(area),
        Mark::Steps => {
            stroke(line, 15, &[]).draw(area)?;
            marker(34).draw(area)
        }
        Mark::Vertical | Mark::Horizontal => stroke(line, 15, layer.role.dash()).draw(area),
    }
}

/// A stroke or markers whose points are in pixels.
struct Path(Stroke);
struct Dots(Markers);

impl Path {
    fn draw(self, area: &Area) -> Result<(), Failure> {
        let points = self.0.points.iter().map(|&(x, y)| at(x, y)).collect();
        area.draw(&Shifted { points, element: self.0 })
    }
}

impl Dots {
    fn draw(self, area: &Area) -> Result<(), Failure> {
        let points = self.0.points.iter().map(|&(x, y)| at(x, y)).collect();
        area.draw(&Shifted { points, element: self.0 })
    }
}

/// An element at points of the drawing itself.
struct Shifted<E> {
    points: Vec<(i32, i32)>,
    element: E,
}

impl<'a, E> plotters::element::PointCollection<'a, (i32, i32)> for &'a Shifted<E> {
    type Point = &'a (i32, i32);
    type IntoIter = &'a [(i32, i32)];

    fn point_iter(self) -> Self::IntoIter {
        &self.points
    }
}

impl<E: plotters::element::Drawable<Canvas>> plotters::element::Drawable<Canvas> for Shifted<E> {
    fn draw<I: Iterator<Item = plotters_backend::BackendCoord>>(
        &self,
        at: I,
        canvas: &mut Canvas,
        size: (u32, u32),
    ) -> Result<(), plotters_backend::DrawingErrorKind<std::convert::Infallible>> {
        self.element.draw(at, canvas, size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Figure, Role};

    #[test]
    fn a_long_legend_goes_on_in_the_next_row_and_no_label_is_cut() {
        let mut figure = Figure::new("");
        let word = "an extraordinarily long label for a component ".repeat(4);
        for k in 0..9 {
            figure =
                figure.curve(format!("{word}{k}"), Role::Component(k), &[0.0, 1.0], &[0.0, 1.0]);
        }
        let most = 500.0;
        let keys = keys(figure.layers.iter(), most);
        for key in &keys {
            assert!(key.lines.len() > 1);
            assert_eq!(key.lines.join(" "), key.layer.label);
            for line in &key.lines {
                assert!(key.left + SAMPLE + GAP + width(line, TEXT_SIZE, Weight::Regular) <= most);
            }
        }
        assert_eq!(n_rows(&keys), keys.iter().map(|key| key.lines.len()).sum::<usize>());
        assert!(figure.to_svg().is_ok());
    }
}
