//! Drawing: where title, legend, axes and curves stand, with plotters.

use super::axis::Ticks;
use super::canvas::{Canvas, Markers, Stroke, UNITS};
use super::clip::Point;
use super::layer::{Layer, Mark};
use super::scene::Scene;
use super::simplify::simplify;
use super::text::{FAMILIES, Weight, lines, width};
use super::{Figure, FigureError, legend};
use crate::display::escape;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{PathElement, Polygon, Text};
use plotters::prelude::{Cartesian2d, DrawingArea};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, TextStyle, WHITE,
};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

/// The figure's size in CSS pixels: what JupyterLab shows without a scroll bar beside its file list.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;

/// Points of a curve are left out where that moves it by less than this, in units of the drawing.
const UNSEEN: f64 = 0.3;

/// Sizes of text, in pixels.
pub(crate) const TEXT_SIZE: f64 = 12.5;
const TICK_SIZE: f64 = 11.5;
const TITLE_SIZE: f64 = 15.0;
const PANEL_TITLE_SIZE: f64 = 13.0;
const TITLE_LINE: f64 = 20.0;

/// Space in pixels.
const MARGIN: f64 = 10.0;
const RIGHT: f64 = 20.0;
const TICK: f64 = 4.0;
const LABEL_LINE: f64 = 17.0;

/// Least distances of ticks, in pixels: between the labels below the horizontal axis, and between the lines of the vertical one.
const TICK_GAP: f64 = 26.0;
const TICK_LINE: f64 = 34.0;

/// How opaque areas and bars are.
pub(crate) const SHADE: f64 = 0.28;
pub(crate) const BARS: f64 = 0.5;

pub(crate) const INK: RGBColor = RGBColor(51, 51, 51);
const GRID: RGBColor = RGBColor(230, 232, 237);

pub(crate) type Area = DrawingArea<Canvas, Shift>;
pub(crate) type Failure = DrawingAreaErrorKind<Infallible>;
type Plot = DrawingArea<Canvas, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// A place in the drawing, from pixels.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn at(x: f64, y: f64) -> (i32, i32) {
    ((x * UNITS).round() as i32, (y * UNITS).round() as i32)
}

/// A font of a size in pixels.
pub(crate) fn style(size: f64, color: RGBColor, h: HPos, v: VPos) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, size * UNITS, FontStyle::Normal);
    font.color(&color).pos(Pos::new(h, v))
}

/// The figure as an SVG document.
pub(crate) fn figure(figure: &Figure) -> Result<String, FigureError> {
    let scene = Scene::of(figure)?;
    document((WIDTH, HEIGHT), &figure.title, &figure.caption(), |root| {
        pane(root, (WIDTH, HEIGHT), &scene, Header::TitleAndLegend)
    })
}

/// A document of a size in pixels, with its title as its name and its caption as its description for those who hear it.
pub(crate) fn document(
    (width, height): (f64, f64),
    title: &str,
    caption: &str,
    drawing: impl FnOnce(&Area) -> Result<(), Failure>,
) -> Result<String, FigureError> {
    let (right, bottom) = at(width, height);
    let canvas = Rc::new(RefCell::new(Canvas::new((right.unsigned_abs(), bottom.unsigned_abs()))));
    let root = DrawingArea::from(&canvas);
    let draw = || {
        root.fill(&WHITE)?;
        drawing(&root)?;
        root.present()
    };
    draw().map_err(|error: Failure| FigureError::Drawing(error.to_string()))?;
    let (title, caption) = (escape(title), escape(caption));
    let body = &canvas.borrow().body;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {right} {bottom}\" role=\"img\" aria-label=\"{title}\" font-family=\"{FAMILIES}\">\
         <title>{title}</title><desc>{caption}</desc>{body}</svg>\n"
    ))
}

/// What stands above the axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    TitleAndLegend,
    /// Of one panel among others, which have one legend.
    Title,
}

/// One pair of axes with all that belongs to it, on an area of a size in pixels.
pub(crate) fn pane(
    area: &Area,
    size: (f64, f64),
    scene: &Scene<'_>,
    header: Header,
) -> Result<(), Failure> {
    let figure = scene.figure;
    // The vertical axis' labels decide where the plot begins, and the legend's rows how high it is; neither depends on the other
    // much, so that the height without a legend does for choosing ticks.
    let ticks_up = |height: f64| scene.y.ticks(count(height / TICK_LINE));
    let label_width = |ticks: &Ticks| {
        let widths =
            ticks.labelled.iter().map(|(_, label)| width(label, TICK_SIZE, Weight::Regular));
        widths.fold(0.0, f64::max)
    };
    let y_name = if figure.y_label.is_empty() { 0.0 } else { LABEL_LINE + 3.0 };
    let x_name = if figure.x_label.is_empty() { 0.0 } else { LABEL_LINE + 3.0 };
    let bottom = size.1 - MARGIN - x_name - TICK - 3.0 - TICK_SIZE;
    let guess = ticks_up(bottom - MARGIN - TITLE_LINE - legend::ROW);
    let left = MARGIN + y_name + label_width(&guess) + 4.0 + TICK;
    // The last label may stand at the very end of the axis.
    let last = ticks_across(scene, size.0 - RIGHT - left)
        .labelled
        .last()
        .map_or(0.0, |(_, label)| width(label, TICK_SIZE, Weight::Regular) / 2.0 + 4.0);
    let right = size.0 - RIGHT.max(last);
    let title_size = if header == Header::Title { PANEL_TITLE_SIZE } else { TITLE_SIZE };
    let title = lines(&figure.title, title_size, Weight::Bold, right - left);
    let keys = match header {
        Header::TitleAndLegend => legend::keys(figure.layers.iter(), right - left),
        Header::Title => Vec::new(),
    };
    let mut top = MARGIN;
    for line in &title {
        let font = FontDesc::new(FontFamily::SansSerif, title_size * UNITS, FontStyle::Bold);
        area.draw(&Text::new(line.as_str(), at(left, top + 2.0), font.color(&INK)))?;
        top += TITLE_LINE;
    }
    if !keys.is_empty() {
        top += 2.0;
        legend::draw(&keys, area, left, top)?;
        top += legend::ROW * legend::n_rows(&keys) as f64;
    }
    top += 6.0;
    let y_ticks = ticks_up(bottom - top);
    if !y_ticks.note.is_empty() {
        let place = at(left, top);
        let font = style(TICK_SIZE, INK, HPos::Left, VPos::Top);
        area.draw(&Text::new(y_ticks.note.as_str(), place, font))?;
        top += TICK_SIZE + 5.0;
    }
    let frame = Frame { left, right, top, bottom };
    axes(area, scene, &frame, &y_ticks, size)?;
    let window = scene.window();
    let (from, to) = (at(left, top), at(right, bottom));
    let shift = area.get_base_pixel();
    let range = |from: i32, to: i32, shift: i32| from + shift..to + shift;
    let coordinates: Cartesian2d<RangedCoordf64, RangedCoordf64> = Cartesian2d::new(
        window.x.0..window.x.1,
        window.y.0..window.y.1,
        (range(from.0, to.0, shift.0), range(to.1, from.1, shift.1)),
    );
    let plot: Plot = area.apply_coord_spec(coordinates);
    for (layer, points) in &scene.layers {
        let places: Vec<Point> = points.iter().map(|p| scene.place(*p)).collect();
        draw_layer(&plot, scene, layer, &places, (to.1 - from.1).into())?;
    }
    spines(area, &frame)
}

/// Where the plot lies, in pixels.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn count(ticks: f64) -> usize {
    ticks.clamp(2.0, 12.0) as usize
}

/// The horizontal axis' ticks: as many as leave space between their labels.
fn ticks_across(scene: &Scene<'_>, length: f64) -> Ticks {
    let fits = |ticks: &Ticks| {
        let labels =
            ticks.labelled.iter().map(|(_, label)| width(label, TICK_SIZE, Weight::Regular));
        let widest = labels.fold(0.0, f64::max);
        let (low, high) = scene.x.ends();
        ticks.labelled.windows(2).all(|pair| {
            let apart =
                (scene.x.place(pair[1].0) - scene.x.place(pair[0].0)) / (high - low) * length;
            apart >= widest + TICK_GAP
        })
    };
    let all = (2..=10).rev().map(|most| scene.x.ticks(most));
    all.into_iter().find(fits).unwrap_or_else(|| scene.x.ticks(2))
}

/// Grid lines, ticks, their labels, and the axes' names.
fn axes(
    area: &Area,
    scene: &Scene<'_>,
    frame: &Frame,
    up: &Ticks,
    size: (f64, f64),
) -> Result<(), Failure> {
    let Frame { left, right, top, bottom } = *frame;
    let across = ticks_across(scene, right - left);
    let ((x_low, x_high), (y_low, y_high)) = (scene.x.ends(), scene.y.ends());
    let x_at =
        |value: f64| left + (scene.x.place(value) - x_low) / (x_high - x_low) * (right - left);
    let y_at =
        |value: f64| bottom - (scene.y.place(value) - y_low) / (y_high - y_low) * (bottom - top);
    let line = |from: (f64, f64), to: (f64, f64), color: RGBColor, width: u32| {
        area.draw(&PathElement::new(
            vec![at(from.0, from.1), at(to.0, to.1)],
            color.stroke_width(width),
        ))
    };
    for (value, _) in &across.labelled {
        line((x_at(*value), top), (x_at(*value), bottom), GRID, 8)?;
    }
    for (value, _) in &up.labelled {
        line((left, y_at(*value)), (right, y_at(*value)), GRID, 8)?;
    }
    for (value, label) in &across.labelled {
        let x = x_at(*value);
        line((x, bottom), (x, bottom + TICK), INK, 10)?;
        let font = style(TICK_SIZE, INK, HPos::Center, VPos::Top);
        area.draw(&Text::new(label.as_str(), at(x, bottom + TICK + 4.0), font))?;
    }
    for (value, label) in &up.labelled {
        let y = y_at(*value);
        line((left - TICK, y), (left, y), INK, 10)?;
        let font = style(TICK_SIZE, INK, HPos::Right, VPos::Center);
        area.draw(&Text::new(label.as_str(), at(left - TICK - 4.0, y), font))?;
    }
    for value in &across.minor {
        line((x_at(*value), bottom), (x_at(*value), bottom + TICK / 2.0), INK, 7)?;
    }
    for value in &up.minor {
        line((left - TICK / 2.0, y_at(*value)), (left, y_at(*value)), INK, 7)?;
    }
    let on_zero = scene.layers.iter().any(|(layer, _)| layer.mark.stands_on_zero());
    if on_zero && scene.y.low < 0.0 && scene.y.high > 0.0 {
        line((left, y_at(0.0)), (right, y_at(0.0)), INK, 6)?;
    }
    let one = |text: &str, most: f64| lines(text, TEXT_SIZE, Weight::Regular, most).join(" ");
    let base = size.1 - MARGIN + 2.0;
    let mut end = right;
    if !across.note.is_empty() {
        let font = style(TICK_SIZE, INK, HPos::Right, VPos::Bottom);
        area.draw(&Text::new(across.note.as_str(), at(right, base), font))?;
        end -= 2.0 * (width(&across.note, TICK_SIZE, Weight::Regular) + 10.0);
    }
    if !figure_label(&scene.figure.x_label).is_empty() {
        let text = one(&scene.figure.x_label, right - left);
        let wide = width(&text, TEXT_SIZE, Weight::Regular) > end - left;
        let (x, h) =
            if wide { (left, HPos::Left) } else { (f64::midpoint(left, right), HPos::Center) };
        area.draw(&Text::new(text, at(x, base), style(TEXT_SIZE, INK, h, VPos::Bottom)))?;
    }
    if !figure_label(&scene.figure.y_label).is_empty() {
        let text = one(&scene.figure.y_label, size.1);
        let font =
            style(TEXT_SIZE, INK, HPos::Center, VPos::Top).transform(FontTransform::Rotate270);
        // A long name is centred on the figure, not on the axis, before it leaves the figure.
        let half = width(&text, TEXT_SIZE, Weight::Regular) / 2.0;
        let middle =
            f64::midpoint(top, bottom).max(half + 2.0).min((size.1 - half - 2.0).max(half));
        area.draw(&Text::new(text, at(MARGIN - 2.0, middle), font))?;
    }
    Ok(())
}

fn figure_label(text: &str) -> &str {
    text.trim()
}

/// The two axes themselves, over what touches them.
fn spines(area: &Area, frame: &Frame) -> Result<(), Failure> {
    let corners =
        [(frame.left, frame.top), (frame.left, frame.bottom), (frame.right, frame.bottom)];
    let corners: Vec<_> = corners.iter().map(|&(x, y)| at(x, y)).collect();
    area.draw(&PathElement::new(corners, INK.stroke_width(10)))
}

/// A layer whose points are in the axes' units, on a plot of so many units in height.
fn draw_layer(
    plot: &Plot,
    scene: &Scene<'_>,
    layer: &Layer,
    points: &[Point],
    height: f64,
) -> Result<(), Failure> {
    let window = scene.window();
    let (role, color) = (layer.role, layer.role.color());
    let tolerance = UNSEEN * (window.y.1 - window.y.0) / height;
    let stroke = |points: &[Point], width: u32, dash, closed| -> Result<(), Failure> {
        for piece in window.pieces(points) {
            plot.draw(&Stroke { points: thinned(piece, tolerance), color, width, dash, closed })?;
        }
        Ok(())
    };
    let area = |opacity: f64| -> Result<(), Failure> {
        let base = window.y.0.max(scene.place((scene.x.low, 0.0)).1).min(window.y.1);
        let outline = thinned(points.to_vec(), tolerance);
        let (Some(first), Some(last)) = (outline.first(), outline.last()) else { return Ok(()) };
        let ends = [(last.0, base), (first.0, base)];
        let corners = window.polygon(&[outline.as_slice(), ends.as_slice()].concat());
        if corners.len() > 2 {
            plot.draw(&Polygon::new(corners, color.mix(opacity)))
        } else {
            Ok(())
        }
    };
    let markers = |radius: i32, opacity: f64| {
        let points = points.iter().copied().filter(|p| window.contains(*p)).collect();
        plot.draw(&Markers { points, marker: role.marker(), color, opacity, radius })
    };
    match layer.mark {
        Mark::Line(dash) => stroke(points, 20, dash.unwrap_or(role.dash()), false),
        Mark::Shaded => {
            area(SHADE)?;
            stroke(points, 15, role.dash(), false)
        }
        Mark::Area => area(SHADE),
        Mark::Rise => {
            let [(low, from), .., (high, to)] = *points else { return Ok(()) };
            let (left, base) = (window.x.0, window.y.0);
            // From the vertical axis to the curve, and down to the horizontal one: the probability and its interval.
            let corners =
                [(left, to), (high, to), (high, base), (low, base), (low, from), (left, from)];
            plot.draw(&Polygon::new(window.polygon(&corners), color.mix(SHADE)))
        }
        Mark::Bars { .. } => area(BARS),
        Mark::Markers => markers(38, 1.0),
        Mark::Cloud { .. } => markers(if points.len() > 300 { 16 } else { 24 }, 0.75),
        Mark::Steps => {
            stroke(points, 15, &[], false)?;
            if points.len() <= 60 { markers(32, 1.0) } else { Ok(()) }
        }
        Mark::Closed => {
            let corners = window.polygon(points);
            if corners.len() > 2 {
                plot.draw(&Polygon::new(corners, color.mix(SHADE / 2.0)))?;
            }
            stroke(points, 20, role.dash(), false)
        }
        Mark::Vertical => points.iter().try_for_each(|p| {
            stroke(&[(p.0, window.y.0), (p.0, window.y.1)], 15, role.dash(), false)
        }),
        Mark::Horizontal => points.iter().try_for_each(|p| {
            stroke(&[(window.x.0, p.1), (window.x.1, p.1)], 15, role.dash(), false)
        }),
        Mark::Drops => {
            for &(x, y) in points {
                stroke(&[(window.x.0, y), (x, y), (x, window.y.0)], 12, role.dash(), false)?;
            }
            markers(36, 1.0)
        }
    }
}

/// Without the points that nobody could tell are missing, if it is the graph of a function.
fn thinned(points: Vec<Point>, tolerance: f64) -> Vec<Point> {
    if points.windows(2).all(|pair| pair[0].0 < pair[1].0) {
        simplify(&points, tolerance)
    } else {
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use gaussian_mixture::{GaussianMixture, Histogram};

    fn figure() -> Figure {
        let grid: Vec<f64> = (0..5000).map(|i| -2.0 + 3.5 * f64::from(i) / 4999.0).collect();
        let bump: Vec<f64> = grid.iter().map(|x| (-0.5 * x * x).exp()).collect();
        let histogram = Histogram::with_bins(&[-1.0, 0.0, 0.1, 0.2, 1.0], 4).unwrap();
        let mixture = GaussianMixture::new([0.3, 0.7], [-1.0, 1.0], [0.2, 0.5]).unwrap();
        Figure::new("Bump & <bars>")
            .labels("x", "Probability density")
            .histogram("Samples", &histogram)
            .curve("GMM", Role::Fitted, &grid, &bump)
            .curve("Gauss_sum", Role::Wrong, &grid, &bump)
            .density("exact", Role::Right, &mixture)
            .shaded("left", Role::Component(0), &grid, &bump)
    }

    /// What is drawn, without the caption, which has the labels, too.
    fn drawing(svg: &str) -> &str {
        svg.split_once("</desc>").unwrap().1
    }

    #[test]
    fn it_is_one_small_svg_element_with_every_label_and_colour() {
        let svg = figure().to_svg().unwrap();
        assert!(svg.starts_with("<svg xmlns=") && svg.trim_end().ends_with("</svg>"));
        assert_eq!(svg.matches("<svg").count(), 1);
        let labels = [
            "Bump &amp; &lt;bars&gt;",
            "Probability density",
            "Samples",
            "GMM",
            "Gauss_sum",
            "left",
        ];
        for label in labels {
            assert!(drawing(&svg).contains(label), "{label}");
        }
        for role in [Role::Data, Role::Fitted, Role::Wrong, Role::Right, Role::Component(0)] {
            let RGBColor(r, g, b) = role.color();
            assert!(drawing(&svg).contains(&format!("#{r:02X}{g:02X}{b:02X}")), "{role:?}");
        }
        // Four such figures must fit into a notebook of 300 kB beside their images.
        assert!(svg.len() < 30_000, "{} bytes", svg.len());
    }

    #[test]
    fn name_and_description_are_there_for_those_who_hear_it() {
        let svg = figure().to_svg().unwrap();
        assert!(svg.contains("role=\"img\" aria-label=\"Bump &amp; &lt;bars&gt;\""));
        let description = svg.split_once("<desc>").unwrap().1.split_once("</desc>").unwrap().0;
        assert_eq!(description, escape(&figure().caption()));
    }

    #[test]
    fn no_label_left_of_the_axis_is_cut_off() {
        let far = Figure::new("").labels("", "y").y_range(-99_999.0, -90_000.0);
        let far = far.horizontal("", Role::Reference, -95_000.0).curve(
            "",
            Role::Data,
            &[0.0, 1.0],
            &[-99_000.0; 2],
        );
        let svg = far.to_svg().unwrap();
        let labels = drawing(&svg)
            .split("<text x=\"")
            .skip(1)
            .filter(|text| text.contains("text-anchor=\"end\""));
        let mut n_labels = 0;
        for text in labels {
            let x: f64 = text.split_once('"').unwrap().0.parse().unwrap();
            let label = text.split_once('>').unwrap().1.split_once('<').unwrap().0;
            let left = x / UNITS - width(label, TICK_SIZE, Weight::Regular);
            // The axis' own name stands in the first pixels.
            assert!(left >= MARGIN + TEXT_SIZE, "{label} begins at {left}");
            n_labels += 1;
        }
        assert!(n_labels > 2);
    }

    #[test]
    fn a_curve_outside_the_vertical_axis_is_cut_there() {
        let figure = Figure::new("")
            .curve("", Role::Fitted, &[0.0, 1.0, 2.0], &[0.0, 10.0, 0.0])
            .y_range(0.0, 5.0);
        let svg = figure.to_svg().unwrap();
        let lines = drawing(&svg).matches("stroke=\"#C8143C\"").count();
        assert_eq!(lines, 2);
    }

    #[test]
    fn many_samples_make_a_drawing_of_bounded_size() {
        let rows: Vec<[f64; 2]> =
            (0..17_000).map(|i| [f64::from(i).sin(), f64::from(i).cos()]).collect();
        let figure = Figure::new("").scatter("s", Role::Data, &rows);
        assert!(figure.to_svg().unwrap().len() < 30_000);
        assert!(figure.caption().contains("1500 of 17000 samples"));
    }
}
