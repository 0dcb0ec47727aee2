//! A backend of plotters that writes small SVG.
//!
//! plotters' own has no dashes (it cuts a dashed line into pieces, each an element of its own), writes every marker as an element, and
//! guesses widths of text from its number of bytes. Here a path is a path, a thousand markers are one, and widths are the
//! font's. Coordinates are whole numbers, in tenths of a pixel: fine enough for any zoom.

use super::role::Dash;
use super::text::{self, Weight};
use crate::display::escape;
use plotters::element::{Drawable, PointCollection};
use plotters::style::RGBColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};
use std::convert::Infallible;

/// Units of the drawing per CSS pixel.
pub(crate) const UNITS: f64 = 10.0;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// The elements drawn so far.
pub(crate) struct Canvas {
    size: (u32, u32),
    pub(crate) body: String,
}

/// The shape of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    Circle,
    Square,
    Diamond,
    TriangleUp,
    TriangleDown,
    Cross,
    Plus,
}

impl Canvas {
    /// An empty one, of a size in units.
    pub(crate) fn new(size: (u32, u32)) -> Self {
        Self { size, body: String::new() }
    }

    fn path(&mut self, data: &str, paint: &str) {
        self.body.push_str(&format!("<path d=\"{data}\" {paint}/>"));
    }

    fn outline(&mut self, points: impl Iterator<Item = BackendCoord>, closed: bool, paint: &str) {
        let data = path_data(points);
        if !data.is_empty() {
            self.path(&if closed { data + "z" } else { data }, paint);
        }
    }
}

/// A polyline: the first point, and steps from each to the next in as few characters as will do.
fn path_data(points: impl Iterator<Item = BackendCoord>) -> String {
    let mut data = String::new();
    let mut at: Option<BackendCoord> = None;
    for (x, y) in points {
        match at {
            None => data = format!("M{x} {y}l"),
            Some((x0, y0)) if (x, y) != (x0, y0) => {
                for step in [x - x0, y - y0] {
                    if step >= 0 && !data.ends_with('l') {
                        data.push(' ');
                    }
                    data.push_str(&step.to_string());
                }
            }
            Some(_) => {}
        }
        at = Some((x, y));
    }
    // One point, or the same one again and again, is a dot.
    if data.ends_with('l') { data + "0 0" } else { data }
}

fn hex(color: BackendColor) -> String {
    let (r, g, b) = color.rgb;
    format!("#{r:02X}{g:02X}{b:02X}")
}

fn fill(color: BackendColor) -> String {
    let opacity = if color.alpha < 1.0 {
        format!(" fill-opacity=\"{}\"", rounded(color.alpha))
    } else {
        String::new()
    };
    format!("fill=\"{}\"{opacity}", hex(color))
}

fn stroke(color: BackendColor, width: u32) -> String {
    let opacity = if color.alpha < 1.0 {
        format!(" stroke-opacity=\"{}\"", rounded(color.alpha))
    } else {
        String::new()
    };
    format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"{opacity}", hex(color))
}

fn rounded(opacity: f64) -> f64 {
    (opacity * 100.0).round() / 100.0
}

impl DrawingBackend for Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        filled: bool,
    ) -> Drawn {
        let paint =
            if filled { fill(style.color()) } else { stroke(style.color(), style.stroke_width()) };
        let (width, height) = (right - x, bottom - y);
        self.body.push_str(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {paint}/>"
        ));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.outline(path.into_iter(), false, &stroke(style.color(), style.stroke_width()));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        filled: bool,
    ) -> Drawn {
        let paint =
            if filled { fill(style.color()) } else { stroke(style.color(), style.stroke_width()) };
        self.body.push_str(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {paint}/>"));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        self.outline(corners.into_iter(), true, &fill(style.color()));
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        (x, y): BackendCoord,
    ) -> Drawn {
        /// The height of a digit in DejaVu Sans, and how far a p goes down, as parts of the font's size.
        const CAP_HEIGHT: f64 = 0.729;
        const DESCENT: f64 = 0.236;
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let below = match style.anchor().v_pos {
            VPos::Top => CAP_HEIGHT,
            VPos::Center => CAP_HEIGHT / 2.0,
            VPos::Bottom => -DESCENT,
        };
        let down = (below * style.size()).round();
        let place = match style.transform() {
            FontTransform::None => format!("x=\"{x}\" y=\"{}\"", f64::from(y) + down),
            turned => {
                let angle = match turned {
                    FontTransform::Rotate90 => 90,
                    FontTransform::Rotate180 => 180,
                    _ => 270,
                };
                format!("transform=\"translate({x} {y}) rotate({angle})\" y=\"{down}\"")
            }
        };
        let weight = if is_bold(style) { " font-weight=\"bold\"" } else { "" };
        let (size, paint) = (style.size(), fill(style.color()));
        self.body.push_str(&format!(
            "<text {place}{anchor} font-size=\"{size}\"{weight} {paint}>{}</text>",
            escape(text)
        ));
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let weight = if is_bold(style) { Weight::Bold } else { Weight::Regular };
        let width = text::width(text, style.size(), weight).ceil();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Ok((width as u32, style.size().ceil() as u32))
    }
}

fn is_bold<T: BackendTextStyle>(style: &T) -> bool {
    matches!(style.style(), FontStyle::Bold)
}

/// A line with its own dashes, and how its area is filled.
pub(crate) struct Stroke {
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) color: RGBColor,
    /// In units.
    pub(crate) width: u32,
    pub(crate) dash: Dash,
    pub(crate) closed: bool,
}

impl<'a> PointCollection<'a, (f64, f64)> for &'a Stroke {
    type Point = &'a (f64, f64);
    type IntoIter = &'a [(f64, f64)];

    fn point_iter(self) -> Self::IntoIter {
        &self.points
    }
}

impl Drawable<Canvas> for Stroke {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        at: I,
        canvas: &mut Canvas,
        _: (u32, u32),
    ) -> Drawn {
        let mut paint = stroke(backend_color(self.color, 1.0), self.width);
        paint.push_str(" stroke-linejoin=\"round\"");
        if !self.dash.is_empty() {
            let dash: Vec<String> = self.dash.iter().map(u32::to_string).collect();
            paint.push_str(&format!(" stroke-dasharray=\"{}\"", dash.join(" ")));
        }
        canvas.outline(at, self.closed, &paint);
        Ok(())
    }
}

/// The same marker at many points.
pub(crate) struct Markers {
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) marker: Marker,
    pub(crate) color: RGBColor,
    pub(crate) opacity: f64,
    /// Half a marker's width, in units.
    pub(crate) radius: i32,
}

impl<'a> PointCollection<'a, (f64, f64)> for &'a Markers {
    type Point = &'a (f64, f64);
    type IntoIter = &'a [(f64, f64)];

    fn point_iter(self) -> Self::IntoIter {
        &self.points
    }
}

impl Drawable<Canvas> for Markers {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        at: I,
        canvas: &mut Canvas,
        _: (u32, u32),
    ) -> Drawn {
        let color = backend_color(self.color, self.opacity);
        let r = self.radius;
        let (d, half) = (2 * r, r / 2);
        let filled = |shape: String| (shape, fill(color));
        #[allow(clippy::cast_sign_loss)]
        let lines = |shape: String| (shape, stroke(color, (r * 3 / 5).max(10) as u32));
        // The end of a line of no length is a marker in three characters.
        #[allow(clippy::cast_sign_loss)]
        let cap = |cap, width: i32| {
            ("h0".to_owned(), format!("{} stroke-linecap=\"{cap}\"", stroke(color, width as u32)))
        };
        let (shape, paint) = match self.marker {
            Marker::Circle => cap("round", d),
            Marker::Square => cap("square", d * 9 / 10),
            Marker::Diamond => filled(format!("m0-{r}l{r} {r}-{r} {r}-{r}-{r}z")),
            Marker::TriangleUp => filled(format!("m0-{r}l{r} {}h-{d}z", r + half)),
            Marker::TriangleDown => filled(format!("m0 {r}l{r}-{}h-{d}z", r + half)),
            Marker::Cross => lines(format!("m-{r}-{r}l{d} {d}m0-{d}l-{d} {d}")),
            Marker::Plus => lines(format!("m-{r} 0h{d}m-{r}-{r}v{d}")),
        };
        let data: String = at.map(|(x, y)| format!("M{x} {y}{shape}")).collect();
        if !data.is_empty() {
            canvas.path(&data, &paint);
        }
        Ok(())
    }
}

fn backend_color(RGBColor(r, g, b): RGBColor, alpha: f64) -> BackendColor {
    BackendColor { alpha, rgb: (r, g, b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_no_more_than_it_must() {
        let points = [(100, 200), (105, 190), (105, 190), (95, 195)];
        assert_eq!(path_data(points.into_iter()), "M100 200l5-10-10 5");
        assert_eq!(path_data([(1, 2)].into_iter()), "M1 2l0 0");
        assert_eq!(path_data(std::iter::empty()), "");
    }
}
