//! Figures that can be played with: sliders, and values to be read off.
//!
//! This kernel has no widgets. An explorable is HTML that stands alone: a static figure with its caption, and a script that puts the
//! figure with sliders in its place, wherever scripts run. Each kind is a pair: `NAME.rs` computes what the page shows, or what it
//! needs to compute the same, and `web/NAME.js` shows it.

mod component;
mod data;
mod density;
mod error;
mod html;
mod trapezoid;

pub use component::explore_component;
pub use density::explore_density;
pub use error::ExplorableError;
pub use trapezoid::{explore_trapezoid, explore_trapezoid_of};

use crate::display::Contents;
use crate::figure::{Figure, FigureError};
use data::Data;
use std::fmt;
use std::path::Path;

/// A figure to play with, by mouse, touch or keyboard.
///
/// As the last expression of a notebook's cell it is shown. Where scripts do not run, as in a notebook that is not trusted, its static
/// figure with the caption is shown instead. [`save`](Self::save) makes a web page of it, which needs nothing else, no network either.
///
/// ```
/// use gmm_notebook::prelude::*;
///
/// let mixture = GaussianMixture::new([0.3, 0.7], [-1.0, 1.0], [0.2, 0.5])?;
/// let explorable = explore_component(&mixture, 0)?.x_label("Length (mm)");
/// assert!(explorable.to_html()?.starts_with("<div"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "an explorable is shown as the last expression of a cell, without a semicolon, or saved to a file"]
pub struct Explorable {
    title: String,
    /// What is seen where nothing can be played with.
    figure: Figure,
    x_label: String,
    y_label: String,
    /// What there is to play with.
    invitation: String,
    script: &'static str,
    data: Data,
}

impl Explorable {
    /// Names the horizontal axis, with its unit. It is "x" otherwise.
    pub fn x_label(mut self, x_label: impl Into<String>) -> Self {
        self.x_label = x_label.into();
        self
    }

    /// The piece of HTML that a notebook shows: it can stand anywhere in a page, several times too.
    ///
    /// # Errors
    ///
    /// A [`FigureError`] if the static figure cannot be drawn.
    pub fn to_html(&self) -> Result<String, FigureError> {
        let data = self
            .data
            .clone()
            .text("title", &self.title)
            .text("xLabel", &self.x_label)
            .text("yLabel", &self.y_label);
        let picture = self.static_figure().to_svg()?;
        Ok(html::piece(&self.title, &picture, &self.caption(), self.script, data))
    }

    /// A whole web page.
    ///
    /// # Errors
    ///
    /// As [`to_html`](Self::to_html).
    pub fn to_page(&self) -> Result<String, FigureError> {
        Ok(html::page(&self.title, &self.to_html()?))
    }

    /// Writes [the page](Self::to_page) to a file.
    ///
    /// # Errors
    ///
    /// As [`to_html`](Self::to_html), and [`FigureError::Save`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FigureError> {
        crate::figure::write(path.as_ref(), self.to_page()?.as_bytes())
    }

    /// The static figure in words and numbers, and what can be played with.
    pub fn caption(&self) -> String {
        format!("{}\n{}", self.static_figure().caption(), self.invitation)
    }

    /// Shows it in a notebook; the kernel calls this. One that cannot be drawn says why on standard error, which the notebook shows.
    pub fn evcxr_display(&self) {
        let what = format!("explorable \"{}\"", self.title);
        Contents::send_drawing(&what, "text/html", self.to_html(), || self.caption());
    }

    fn static_figure(&self) -> Figure {
        self.figure.clone().labels(&self.x_label, &self.y_label)
    }
}

/// The caption.
impl fmt::Display for Explorable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.caption())
    }
}

/// The caption.
impl fmt::Debug for Explorable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.caption())
    }
}

const DENSITY: &str = "Probability density";

/// What can be played with, for those who cannot: where scripts do not run.
fn invitation(what: &str) -> String {
    format!("To play with it ({what}), run the cell in a trusted notebook or open the web page.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gaussian_mixture::GaussianMixture;

    /// What a page may weigh besides its static picture.
    const MOST_BYTES: usize = 25_000;

    fn all() -> Vec<Explorable> {
        let mixture =
            GaussianMixture::new([0.1, 0.3, 0.6], [-0.5, -0.1, 0.2], [0.2, 0.07, 0.13]).unwrap();
        let tent = |x: f64| (1.0 - x.abs()).max(0.0);
        vec![
            explore_component(&mixture, 1).unwrap(),
            explore_trapezoid(&mixture).unwrap(),
            explore_trapezoid_of("the tent", tent, -1.5..=2.0, 1.0).unwrap(),
            explore_density(&mixture).unwrap(),
        ]
    }

    /// What stands outside of quotation marks between `<` and `>`, the script left out.
    fn tags(html: &str) -> Vec<String> {
        let (before, rest) = html.split_once("<script>").unwrap();
        let (script, after) = rest.split_once("</script>").unwrap();
        assert!(!script.contains("</") && !script.contains("<!--"), "the script ends early");
        let outside = format!("{before}{after}");
        let pieces = outside.split('<').skip(1);
        pieces.map(|piece| piece.split_once('>').expect("a tag ends").0.to_owned()).collect()
    }

    #[test]
    fn every_element_is_closed_in_its_turn() {
        for html in all().iter().map(|one| one.to_html().unwrap()) {
            let mut open = Vec::new();
            for tag in tags(&html) {
                let name = tag.split_whitespace().next().unwrap();
                match name.strip_prefix('/') {
                    Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
                    None if name == "img" || name == "br" => {}
                    None => open.push(name.to_owned()),
                }
                assert_eq!(tag.matches('"').count() % 2, 0, "{name}");
            }
            assert!(open.is_empty(), "{open:?}");
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes_and_other_input_another_key() {
        let key = |one: &Explorable| {
            let html = one.to_html().unwrap();
            html.split("data-key=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        for (one, again) in all().iter().zip(&all()) {
            assert_eq!(one.to_page().unwrap(), again.to_page().unwrap());
            assert_ne!(key(one), key(&one.clone().x_label("Length (mm)")));
        }
    }

    #[test]
    fn it_is_small_and_refers_to_nothing_outside() {
        for one in all() {
            let html = one.to_html().unwrap();
            let (start, rest) = html.split_once("src=\"").unwrap();
            let (picture, end) = rest.split_once('"').unwrap();
            assert!(picture.starts_with("data:image/svg+xml,"));
            let size = start.len() + end.len();
            assert!(size <= MOST_BYTES, "{}: {size} bytes", one.title);
            let elsewhere = end.replace("http://www.w3.org/2000/svg", "");
            for address in ["http:", "https:", "src=", "url(", "import"] {
                assert!(!elsewhere.contains(address), "{}: {address}", one.title);
            }
        }
    }

    #[test]
    fn labels_reach_picture_caption_and_script_without_their_meaning() {
        let one = all().remove(0).x_label("</script><b>\"&");
        let html = one.to_html().unwrap();
        assert!(one.to_string().contains("Across: </script><b>\"&."));
        assert!(html.contains("Across: &lt;/script&gt;&lt;b&gt;&quot;&amp;."));
        assert!(html.contains(r#"xLabel:"\u003c/script>\u003cb>\"&""#));
        assert_eq!(html.matches("</script>").count(), 1);
    }

    #[test]
    fn a_failure_to_save_names_the_file() {
        let error = all()[0].save("no/such/folder/page.html").unwrap_err();
        assert!(error.to_string().contains("no/such/folder/page.html"));
    }
}
