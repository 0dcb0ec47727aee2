//! Small multiples: figures side by side, to be compared.

use super::draw::{Area, Failure, Header, document, pane};
use super::scene::Scene;
use super::text::{Weight, lines};
use super::{Figure, FigureError, draw, legend, save};
use crate::display::Contents;
use plotters::style::{FontDesc, FontFamily, FontStyle};
use std::fmt;
use std::path::Path;

/// A panel's size in pixels, for one column and for more.
const HEIGHT: f64 = 250.0;
const WIDTHS: [f64; 3] = [640.0, 400.0, 310.0];

const MARGIN: f64 = 12.0;
const TITLE_SIZE: f64 = 16.0;
const TITLE_LINE: f64 = 22.0;

/// Several figures in rows of `columns`, with one legend for all. Where asked, they have the same axes.
///
/// ```
/// use gmm_notebook::prelude::*;
///
/// let narrow = GaussianMixture::new([1.0], [0.0], [0.5])?;
/// let wide = GaussianMixture::new([1.0], [0.0], [2.0])?;
/// let panels = Panels::new("Narrow and wide", 2)
///     .with(Figure::new("σ = 0.5").density("density", Role::Fitted, &narrow))
///     .with(Figure::new("σ = 2").density("density", Role::Fitted, &wide))
///     .same_axes();
/// assert!(panels.to_svg()?.contains("σ = 0.5"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "panels are shown as the last expression of a cell, without a semicolon, or saved to a file"]
pub struct Panels {
    title: String,
    columns: usize,
    figures: Vec<Figure>,
    same_axes: bool,
}

impl Panels {
    /// No panels yet. Fewer columns than 1 count as 1.
    pub fn new(title: impl Into<String>, columns: usize) -> Self {
        Self { title: title.into(), columns: columns.max(1), figures: Vec::new(), same_axes: false }
    }

    /// Adds a figure: row after row, from left to right.
    pub fn with(mut self, figure: Figure) -> Self {
        self.figures.push(figure);
        self
    }

    /// Gives all panels the same axes, wide enough for each.
    pub fn same_axes(mut self) -> Self {
        self.same_axes = true;
        self
    }

    /// The panels as one SVG document.
    ///
    /// # Errors
    ///
    /// The first [`FigureError`] of a figure among them; [`FigureError::Empty`] if there is none.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let figures = self.aligned()?;
        let scenes: Vec<Scene<'_>> = figures.iter().map(Scene::of).collect::<Result<_, _>>()?;
        let columns = self.columns.min(scenes.len());
        let panel = WIDTHS[columns.min(WIDTHS.len()) - 1];
        let width = panel * columns as f64;
        let most = width - 2.0 * MARGIN;
        let title = lines(&self.title, TITLE_SIZE, Weight::Bold, most);
        let keys = legend::keys(figures.iter().flat_map(|figure| &figure.layers), most);
        let legend_top = MARGIN + TITLE_LINE * title.len() as f64;
        let header = legend_top + legend::ROW * legend::n_rows(&keys) as f64 + 4.0;
        let height = header + HEIGHT * scenes.len().div_ceil(columns) as f64;
        document(
            (width, height),
            &self.title,
            &self.caption(),
            |root: &Area| -> Result<(), Failure> {
                for (i, line) in title.iter().enumerate() {
                    let font =
                        FontDesc::new(FontFamily::SansSerif, TITLE_SIZE * 10.0, FontStyle::Bold);
                    let place = draw::at(MARGIN, MARGIN + TITLE_LINE * i as f64);
                    root.draw(&plotters::element::Text::new(
                        line.as_str(),
                        place,
                        font.color(&draw::INK),
                    ))?;
                }
                legend::draw(&keys, root, MARGIN, legend_top)?;
                for (i, scene) in scenes.iter().enumerate() {
                    let (row, column) = (i / columns, i % columns);
                    let (x, y) = draw::at(panel * column as f64, header + HEIGHT * row as f64);
                    let area = root.clone().shrink((x, y), draw::at(panel, HEIGHT));
                    pane(&area, (panel, HEIGHT), scene, Header::Title)?;
                }
                Ok(())
            },
        )
    }

    /// The figures, with the same axes if asked for.
    fn aligned(&self) -> Result<Vec<Figure>, FigureError> {
        let mut figures = self.figures.clone();
        if figures.is_empty() {
            return Err(FigureError::Empty);
        }
        if self.same_axes {
            let range = |ends: &mut dyn Iterator<Item = (f64, f64)>| {
                ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0.0, 1.0))
            };
            let scenes: Vec<Scene<'_>> =
                self.figures.iter().map(Scene::of).collect::<Result<_, _>>()?;
            let x = range(&mut scenes.iter().map(|s| (s.x.low, s.x.high)));
            for figure in &mut figures {
                figure.x_range = Some(x);
            }
            let scenes: Vec<Scene<'_>> = figures.iter().map(Scene::of).collect::<Result<_, _>>()?;
            let y = range(&mut scenes.iter().map(|s| (s.y.low, s.y.high)));
            drop(scenes);
            for figure in &mut figures {
                figure.y_range = Some(y);
            }
        }
        Ok(figures)
    }

    /// The panels in words and numbers.
    pub fn caption(&self) -> String {
        let figures = self.aligned().unwrap_or_else(|_| self.figures.clone());
        let mut text = format!("{} panels: {}.", figures.len(), self.title.trim_end_matches('.'));
        for (i, figure) in figures.iter().enumerate() {
            text.push_str(&format!("\nPanel {}. {}", i + 1, figure.caption()));
        }
        text
    }

    /// Writes the panels to a file, as [`Figure::save`] does.
    ///
    /// # Errors
    ///
    /// As [`to_svg`](Self::to_svg) and [`Figure::save`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FigureError> {
        save::save(path.as_ref(), || self.to_svg())
    }

    /// Shows the panels in a notebook; the kernel calls this.
    pub fn evcxr_display(&self) {
        let what = format!("panels \"{}\"", self.title);
        Contents::send_drawing(&what, "image/svg+xml", self.to_svg(), || self.caption());
    }
}

/// The caption.
impl fmt::Debug for Panels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.caption())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn line(top: f64) -> Figure {
        Figure::new(format!("up to {top}")).curve("line", Role::Fitted, &[0.0, 1.0], &[0.0, top])
    }

    #[test]
    fn panels_have_one_legend_and_each_its_title() {
        let svg =
            Panels::new("All", 2).with(line(1.0)).with(line(2.0)).with(line(3.0)).to_svg().unwrap();
        let (_, drawing) = svg.split_once("</desc>").unwrap();
        assert_eq!(drawing.matches(">line</text>").count(), 1);
        for title in ["All", "up to 1", "up to 2", "up to 3"] {
            assert_eq!(drawing.matches(&format!(">{title}</text>")).count(), 1, "{title}");
        }
    }

    #[test]
    fn the_same_axes_hold_every_panel() {
        let panels = Panels::new("All", 2).with(line(1.0)).with(line(20.0)).same_axes();
        let figures = panels.aligned().unwrap();
        assert_eq!(figures[0].y_range, figures[1].y_range);
        assert!(figures[0].y_range.unwrap().1 >= 20.0);
        assert_ne!(line(1.0).to_svg().unwrap(), figures[0].to_svg().unwrap());
    }

    #[test]
    fn no_panel_and_a_mistake_in_one_are_errors() {
        assert_eq!(Panels::new("", 2).to_svg(), Err(FigureError::Empty));
        let bad = line(1.0).curve("bad", Role::Data, &[0.0], &[0.0; 0]);
        assert!(matches!(
            Panels::new("", 2).with(line(1.0)).with(bad).to_svg(),
            Err(FigureError::Length { .. })
        ));
    }
}
