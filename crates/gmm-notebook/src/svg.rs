//! Drawing a [`Figure`] with plotters.

use crate::display::escape;
use crate::figure::{Figure, FigureError, Layer, Mark};
use crate::simplify::simplify;
use plotters::coord::Shift;
use plotters::prelude::*;

/// The figure's size in CSS pixels: what JupyterLab shows without a scroll bar beside its file list.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 400;

/// plotters rounds every coordinate to a whole unit. So the drawing has ten units per pixel, and the viewer scales it
/// down: curves are smooth at any zoom.
const UNITS: u32 = 10;

/// Points of a curve are left out where that moves it by less than this part of a pixel.
const UNSEEN: f64 = 0.03;

/// The strip above the axes that holds title and legend, and hides nothing.
const HEADER: u32 = 62;

/// The space for the labels below and beside the axes.
const X_LABELS: u32 = 46;
const Y_LABELS: u32 = 56;

/// Space above the highest point.
const HEADROOM: f64 = 1.06;

const INK: RGBColor = RGBColor(51, 51, 51);
const GRID: RGBColor = RGBColor(232, 234, 238);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub(crate) fn draw(figure: &Figure) -> Result<String, FigureError> {
    let axes = Axes::of(figure)?;
    let mut drawing = String::new();
    draw_with_plotters(figure, &axes, &mut drawing)
        .map_err(|e| FigureError::Drawing(e.to_string()))?;
    finish(&drawing, figure)
}

/// The visible part of the plane.
struct Axes {
    x: (f64, f64),
    y: (f64, f64),
}

impl Axes {
    fn of(figure: &Figure) -> Result<Self, FigureError> {
        let all = || figure.layers.iter().flat_map(|layer| &layer.points);
        let x = figure.x_range.unwrap_or_else(|| extent(all().map(|p| p.0)));
        let visible = all().filter(|p| x.0 <= p.0 && p.0 <= x.1).map(|p| p.1);
        let (low, high) = extent(visible);
        if low > high {
            return Err(FigureError::Empty);
        }
        if x.0 >= x.1 {
            return Err(FigureError::Range { low: x.0, high: x.1 });
        }
        // Areas are read from 0. A flat zero curve still gets an axis.
        let (low, high) = (low.min(0.0), high.max(0.0));
        let top = if low < high { low + (high - low) * HEADROOM } else { 1.0 };
        Ok(Self { x, y: (low, top) })
    }

    /// The layer's points within the visible part, without those that nobody could tell are missing.
    fn visible(&self, layer: &Layer) -> Vec<(f64, f64)> {
        let inside = layer.points.iter().copied().filter(|p| self.x.0 <= p.0 && p.0 <= self.x.1);
        let inside: Vec<(f64, f64)> = inside.collect();
        if matches!(layer.mark, Mark::Bars { .. }) {
            return inside;
        }
        let pixel = (self.y.1 - self.y.0) / f64::from(HEIGHT - HEADER - X_LABELS);
        simplify(&inside, UNSEEN * pixel)
    }
}

/// The smallest and the largest number; (∞, −∞) of none.
fn extent(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

fn draw_with_plotters(
    figure: &Figure,
    axes: &Axes,
    drawing: &mut String,
) -> Result<(), Box<dyn std::error::Error>> {
    let size = (px(WIDTH), px(HEIGHT));
    let root = SVGBackend::with_string(drawing, size).into_drawing_area();
    root.fill(&WHITE)?;
    let (header, body) = root.split_vertically(px(HEADER));
    draw_header(figure, &header)?;
    let mut chart = ChartBuilder::on(&body)
        .margin_left(px(8))
        .margin_right(px(18))
        .x_label_area_size(px(X_LABELS))
        .y_label_area_size(px(Y_LABELS))
        .build_cartesian_2d(axes.x.0..axes.x.1, axes.y.0..axes.y.1)?;
    chart
        .configure_mesh()
        .max_light_lines(0)
        .bold_line_style(GRID.stroke_width(px(1)))
        .axis_style(INK.stroke_width(px(1)))
        .x_labels(9)
        .y_labels(7)
        .x_label_formatter(&|x| tick(*x))
        .y_label_formatter(&|y| tick(*y))
        .label_style(font(12).color(&INK))
        .axis_desc_style(font(13).color(&INK))
        .x_desc(&figure.x_label)
        .y_desc(&figure.y_label)
        .set_all_tick_mark_size(px(4))
        .draw()?;
    for layer in &figure.layers {
        let points = axes.visible(layer);
        let color = layer.role.color();
        match layer.mark {
            Mark::Line => {
                chart.draw_series(LineSeries::new(points, color.stroke_width(px(2))))?;
            }
            Mark::Dashed => {
                let style = color.stroke_width(px(2));
                chart.draw_series(DashedLineSeries::new(points, px(7), px(6), style))?;
            }
            Mark::Shaded => {
                chart.draw_series(AreaSeries::new(points.clone(), 0.0, color.mix(0.25)))?;
                chart.draw_series(LineSeries::new(points, color.stroke_width(px(3) / 2)))?;
            }
            Mark::Bars { .. } => {
                chart.draw_series(AreaSeries::new(points, 0.0, color.mix(0.45)))?;
            }
        }
    }
    root.present()?;
    Ok(())
}

/// Title and legend.
fn draw_header(figure: &Figure, header: &Area<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let title = font(15).style(FontStyle::Bold).color(&INK);
    header.draw(&Text::new(figure.title.clone(), (at(8 + Y_LABELS), at(12)), title))?;
    let (mut left, line) = (8 + Y_LABELS, 46);
    for layer in figure.layers.iter().filter(|layer| !layer.label.is_empty()) {
        draw_key(layer, header, left, line)?;
        let text = font(13).color(&INK);
        header.draw(&Text::new(layer.label.clone(), (at(left + 34), at(line - 6)), text))?;
        left += 34 + text_width(&layer.label) + 24;
    }
    Ok(())
}

/// The sample of a layer's line or area in the legend, 26 pixels wide.
fn draw_key(
    layer: &Layer,
    header: &Area<'_>,
    left: u32,
    line: u32,
) -> Result<(), Box<dyn std::error::Error>> {
    let color = layer.role.color();
    let stroke = |from: u32, to: u32| {
        PathElement::new(
            vec![(at(left + from), at(line)), (at(left + to), at(line))],
            color.stroke_width(px(2)),
        )
    };
    let block = |opacity| {
        let corners = [(at(left), at(line - 6)), (at(left + 26), at(line + 6))];
        Rectangle::new(corners, color.mix(opacity).filled())
    };
    match layer.mark {
        Mark::Line => header.draw(&stroke(0, 26))?,
        Mark::Dashed => {
            header.draw(&stroke(0, 7))?;
            header.draw(&stroke(13, 20))?;
        }
        Mark::Shaded => {
            header.draw(&block(0.25))?;
            header.draw(&PathElement::new(
                vec![(at(left), at(line - 6)), (at(left + 26), at(line - 6))],
                color.stroke_width(px(3) / 2),
            ))?;
        }
        Mark::Bars { .. } => header.draw(&block(0.45))?,
    }
    Ok(())
}

/// The document with its size in pixels, and with title and caption for those who hear it.
fn finish(drawing: &str, figure: &Figure) -> Result<String, FigureError> {
    let body = drawing.find("<svg").and_then(|start| drawing[start..].split_once('>'));
    let (_, body) =
        body.ok_or_else(|| FigureError::Drawing("no svg element was drawn".to_owned()))?;
    let (width, height) = (px(WIDTH), px(HEIGHT));
    let title = escape(&figure.title);
    let caption = escape(&figure.caption());
    let body = body.replace('\n', "");
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\"><title>{title}</title><desc>{caption}</desc>{body}"
    ))
}

/// Pixels in the drawing's units.
fn px(pixels: u32) -> u32 {
    pixels * UNITS
}

/// A place in the drawing's units.
#[allow(clippy::cast_possible_wrap)]
fn at(pixels: u32) -> i32 {
    px(pixels) as i32
}

/// A font of a size in pixels; plotters takes it 1.24 times as large.
fn font(pixels: u32) -> FontDesc<'static> {
    FontDesc::new(FontFamily::SansSerif, f64::from(px(pixels)) * 1.24, FontStyle::Normal)
}

/// About the width in pixels of a text of 13 pixels; a viewer's font decides.
fn text_width(text: &str) -> u32 {
    let eighths: u32 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 't' | 'f' | '.' | ',' | ' ' | '\'' | '(' | ')' => 36,
            'm' | 'w' | 'M' | 'W' | 'G' | 'O' | 'Q' => 92,
            c if c.is_uppercase() => 76,
            _ => 62,
        })
        .sum();
    eighths.div_ceil(8)
}

/// A number on an axis, with a true minus sign and no more digits than a round number has.
fn tick(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    let text = if rounded == 0.0 { "0".to_owned() } else { format!("{rounded}") };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use gaussian_mixture::Histogram;

    fn figure() -> Figure {
        let grid: Vec<f64> = (0..5000).map(|i| -2.0 + 3.5 * f64::from(i) / 4999.0).collect();
        let bump: Vec<f64> = grid.iter().map(|x| (-0.5 * x * x).exp()).collect();
        let histogram = Histogram::new(&[-1.0, 0.0, 0.1, 0.2, 1.0], 4).unwrap();
        Figure::new("Bump & <bars>")
            .labels("x", "Probability density")
            .histogram("Samples", &histogram)
            .curve("GMM", Role::Fitted, &grid, &bump)
            .dashed("Gauss_sum", Role::ByHand, &grid, &bump)
            .shaded("left", Role::Component(0), &grid, &bump)
    }

    #[test]
    fn it_is_one_small_svg_element_with_every_label() {
        let svg = figure().to_svg().unwrap();
        assert!(svg.starts_with("<svg xmlns=") && svg.trim_end().ends_with("</svg>"));
        assert_eq!(svg.matches("<svg").count(), 1);
        for label in [
            "Bump &amp; &lt;bars&gt;",
            "Probability density",
            "Samples",
            "GMM",
            "Gauss_sum",
            "left",
        ] {
            assert!(svg.contains(label), "{label}");
        }
        // Four such figures must fit into a notebook of 300 kB beside their images.
        assert!(svg.len() < 30_000, "{} bytes", svg.len());
    }

    #[test]
    fn what_lies_outside_the_horizontal_axis_is_left_out() {
        let figure = figure().x_range(-0.5, 0.5);
        let axes = Axes::of(&figure).unwrap();
        for layer in &figure.layers {
            assert!(axes.visible(layer).iter().all(|p| (-0.5..=0.5).contains(&p.0)));
        }
    }

    #[test]
    fn ticks_are_written_as_in_print() {
        assert_eq!([-0.5, 0.0, -0.0, 0.1 + 0.2, 2.0].map(tick), ["−0.5", "0", "0", "0.3", "2"]);
    }
}
