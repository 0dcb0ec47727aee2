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

/// The strip above the axes that holds title and legend, and hides nothing: a line for the title, and as many for the
/// legend as it needs.
const TITLE: u32 = 34;
const LEGEND_ROW: u32 = 26;

/// The space for the labels below and beside the axes, and at the outer edges.
const X_LABELS: u32 = 46;
const Y_LABELS: u32 = 56;
const LEFT: u32 = 8;
const RIGHT: u32 = 18;

/// Space above the highest point.
const HEADROOM: f64 = 1.06;

/// The shortest axis, as a part of its distance from 0.
const LEAST_LENGTH: f64 = 1e-12;

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
        let all = figure.layers.iter().flat_map(|layer| &layer.points);
        if figure.layers.is_empty() {
            return Err(FigureError::Empty);
        }
        let x = figure.x_range.unwrap_or_else(|| extent(all.map(|p| p.0)));
        spans("horizontal", x)?;
        let inside = figure.layers.iter().flat_map(|layer| clip(&layer.points, x));
        let (low, high) = extent(inside.map(|p| p.1));
        if low > high {
            return Err(FigureError::Empty);
        }
        // Areas are read from 0. A flat zero curve still gets an axis.
        let (low, high) = (low.min(0.0), high.max(0.0));
        let y = (low, if low < high { low + (high - low) * HEADROOM } else { 1.0 });
        spans("vertical", y)?;
        Ok(Self { x, y })
    }

    /// The layer's points within the visible part, without those that nobody could tell are missing.
    fn visible(&self, layer: &Layer) -> Vec<(f64, f64)> {
        let inside = clip(&layer.points, self.x);
        if inside.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            let pixel = (self.y.1 - self.y.0) / f64::from(HEIGHT);
            simplify(&inside, UNSEEN * pixel)
        } else {
            inside
        }
    }
}

/// An axis has a length that can be divided into ticks: plotters adds up steps until it reaches the end, which it never does
/// where a step is lost in rounding.
fn spans(axis: &'static str, (low, high): (f64, f64)) -> Result<(), FigureError> {
    let length = high - low;
    if low < high && length.is_normal() && length > LEAST_LENGTH * low.abs().max(high.abs()) {
        Ok(())
    } else {
        Err(FigureError::Range { axis, low, high })
    }
}

/// The part of a polyline between two abscissas, cut where it crosses them.
fn clip(points: &[(f64, f64)], (low, high): (f64, f64)) -> Vec<(f64, f64)> {
    let inside = |x: f64| low <= x && x <= high;
    let mut part = Vec::with_capacity(points.len());
    for (i, &(x, y)) in points.iter().enumerate() {
        if let Some(&(x0, y0)) = i.checked_sub(1).and_then(|before| points.get(before)) {
            let crossing = |at: f64| (at, y0 + (y - y0) * ((at - x0) / (x - x0)));
            let between = |at: &f64| (x0 < *at && *at < x) || (x < *at && *at < x0);
            let ends = if x0 < x { [low, high] } else { [high, low] };
            part.extend(ends.into_iter().filter(between).map(crossing));
        }
        if inside(x) {
            part.push((x, y));
        }
    }
    part
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
    let legend = legend(figure);
    let rows = legend.last().map_or(0, |key| key.row + 1);
    let (header, body) = root.split_vertically(px(TITLE + rows * LEGEND_ROW));
    draw_header(figure, &legend, &header)?;
    let mut chart = ChartBuilder::on(&body)
        .margin_left(px(LEFT))
        .margin_right(px(RIGHT))
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
        .x_label_formatter(&|x| tick(*x, axes.x.1 - axes.x.0))
        .y_label_formatter(&|y| tick(*y, axes.y.1 - axes.y.0))
        .label_style(font(12).color(&INK))
        .axis_desc_style(font(13).color(&INK))
        .x_desc(one_line(&figure.x_label))
        .y_desc(one_line(&figure.y_label))
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

/// A layer's entry in the legend, and its place in pixels.
struct Key<'a> {
    layer: &'a Layer,
    left: u32,
    row: u32,
}

/// The labelled layers, in as many rows as the width asks for.
fn legend(figure: &Figure) -> Vec<Key<'_>> {
    let start = LEFT + Y_LABELS;
    let (mut left, mut row) = (start, 0);
    let mut keys = Vec::new();
    for layer in figure.layers.iter().filter(|layer| !layer.label.is_empty()) {
        let width = 34 + text_width(&layer.label);
        if left > start && left + width > WIDTH - RIGHT {
            (left, row) = (start, row + 1);
        }
        keys.push(Key { layer, left, row });
        left += width + 24;
    }
    keys
}

fn draw_header(
    figure: &Figure,
    legend: &[Key<'_>],
    header: &Area<'_>,
) -> Result<(), Box<dyn std::error::Error>> {
    let title = font(15).style(FontStyle::Bold).color(&INK);
    header.draw(&Text::new(one_line(&figure.title), (at(LEFT + Y_LABELS), at(12)), title))?;
    for Key { layer, left, row } in legend {
        let line = TITLE + LEGEND_ROW * row + 12;
        draw_key(layer, header, *left, line)?;
        let text = font(13).color(&INK);
        header.draw(&Text::new(one_line(&layer.label), (at(left + 34), at(line - 6)), text))?;
    }
    Ok(())
}

/// plotters breaks a text with line breaks into lines that nobody made room for, and writes control characters as they are.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
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
    let body = body.replace('\n', " ");
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

/// A number on an axis, with a true minus sign and no more digits than the axis' length calls for.
fn tick(value: f64, length: f64) -> String {
    #[allow(clippy::cast_possible_truncation)]
    let unit = 10.0_f64.powi((length.log10().floor() as i32 - 6).max(-300));
    let rounded = (value / unit).round() * unit;
    // The product has a rounding of its own; six digits of the length are far fewer than it spoils.
    let text = if rounded == 0.0 {
        "0".to_owned()
    } else if (1e-4..1e6).contains(&length) {
        trim(&format!("{rounded:.10}"))
    } else {
        match format!("{rounded:.6e}").split_once('e') {
            Some((digits, exponent)) => format!("{}e{exponent}", trim(digits)),
            None => format!("{rounded:e}"),
        }
    };
    text.replace('-', "−")
}

/// A decimal number without zeros at its end.
fn trim(number: &str) -> String {
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use gaussian_mixture::Histogram;

    fn figure() -> Figure {
        let grid: Vec<f64> = (0..5000).map(|i| -2.0 + 3.5 * f64::from(i) / 4999.0).collect();
        let bump: Vec<f64> = grid.iter().map(|x| (-0.5 * x * x).exp()).collect();
        let histogram = Histogram::with_bins(&[-1.0, 0.0, 0.1, 0.2, 1.0], 4).unwrap();
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
        // The caption has the labels, too: what counts is what stands in the drawing.
        let (_, drawing) = svg.split_once("</desc>").unwrap();
        for label in [
            "Bump &amp; &lt;bars&gt;",
            "Probability density",
            "Samples",
            "GMM",
            "Gauss_sum",
            "left",
        ] {
            assert!(drawing.contains(label), "{label}");
        }
        for role in [Role::Data, Role::Fitted, Role::ByHand, Role::Component(0)] {
            let RGBColor(r, g, b) = role.color();
            assert!(drawing.contains(&format!("#{r:02X}{g:02X}{b:02X}")), "{role:?}");
        }
        // Four such figures must fit into a notebook of 300 kB beside their images.
        assert!(svg.len() < 30_000, "{} bytes", svg.len());
    }

    #[test]
    fn lines_are_cut_where_the_horizontal_axis_ends() {
        let line = [(0.0, 0.0), (10.0, 10.0)];
        assert_eq!(clip(&line, (2.0, 5.0)), [(2.0, 2.0), (5.0, 5.0)]);
        assert_eq!(clip(&line, (-5.0, 5.0)), [(0.0, 0.0), (5.0, 5.0)]);
        let back = [(10.0, 10.0), (0.0, 0.0)];
        assert_eq!(clip(&back, (2.0, 5.0)), [(5.0, 5.0), (2.0, 2.0)]);
        assert_eq!(clip(&line, (20.0, 30.0)), []);
        let bars = [(-1.0, 0.5), (0.0, 0.5), (0.0, 0.25), (1.0, 0.25)];
        let cut = [(-0.5, 0.5), (0.0, 0.5), (0.0, 0.25), (0.5, 0.25)];
        assert_eq!(clip(&bars, (-0.5, 0.5)), cut);
    }

    #[test]
    fn the_vertical_axis_begins_at_zero_and_has_room_above() {
        let figure = Figure::new("").curve("", Role::Fitted, &[0.0, 1.0], &[2.0, 4.0]);
        let axes = Axes::of(&figure).unwrap();
        assert_eq!(axes.y, (0.0, 4.0 * HEADROOM));
    }

    #[test]
    fn a_closed_curve_keeps_its_corners() {
        let square = ([0.0, 1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0, 0.0]);
        let figure = Figure::new("").curve("", Role::Fitted, &square.0, &square.1);
        let axes = Axes::of(&figure).unwrap();
        assert_eq!(axes.visible(&figure.layers[0]).len(), 5);
    }

    #[test]
    fn a_long_legend_goes_on_in_the_next_row() {
        let mut figure = Figure::new("");
        for k in 0..9 {
            let label = format!("a component with a long name, number {k}");
            figure = figure.curve(label, Role::Component(k), &[0.0, 1.0], &[0.0, 1.0]);
        }
        let keys = legend(&figure);
        assert!(keys.iter().all(|k| k.left + 34 + text_width(&k.layer.label) <= WIDTH - RIGHT));
        assert!(keys.last().unwrap().row > 3);
        assert!(figure.to_svg().is_ok());
    }

    #[test]
    fn ticks_are_written_as_in_print() {
        assert_eq!(
            [-0.5, 0.0, -0.0, 0.1 + 0.2, 2.0].map(|x| tick(x, 3.0)),
            ["−0.5", "0", "0", "0.3", "2"]
        );
        assert_eq!([2e-9, -4e-9].map(|x| tick(x, 1e-8)), ["2e−9", "−4e−9"]);
        assert_eq!(tick(250_000.0, 300_000.0), "250000");
        assert_eq!(tick(2.5e300, 5e300), "2.5e300");
    }
}
