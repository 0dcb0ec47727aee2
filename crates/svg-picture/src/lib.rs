//! A figure's drawing (SVG) as a picture (PNG) that every viewer shows, the same on every machine.
//!
//! The only fonts are those bundled here. The picture has a palette of at most 256 colours, which a figure hardly
//! exceeds, and which makes the file several times smaller.

use std::collections::HashMap;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use thiserror::Error;

/// Pixels per CSS pixel, for sharp text on dense screens and when zoomed.
const SCALE: f32 = 2.0;
const FAMILY: &str = "DejaVu Sans";
const MONOSPACE: &str = "DejaVu Sans Mono";
const PALETTE_SIZE: usize = 256;

type Colour = [u8; 4];

/// A PNG file's bytes and the size to show it at.
pub struct Picture {
    /// The file.
    pub png: Vec<u8>,
    /// In CSS pixels.
    pub width: f32,
    /// In CSS pixels.
    pub height: f32,
}

/// A document cannot be drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PictureError {
    /// It is not SVG.
    #[error("expected a valid SVG document: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// It has no size, or one that memory does not hold.
    #[error(
        "expected an SVG document of a size that can be drawn, found {width} by {height} pixels"
    )]
    Size {
        /// In CSS pixels.
        width: f32,
        /// In CSS pixels.
        height: f32,
    },
    /// The picture could not be encoded.
    #[error("the picture could not be encoded: {0}")]
    Encoding(#[from] png::EncodingError),
}

/// Draws an SVG document.
///
/// # Errors
///
/// A [`PictureError`] if it is no SVG document, or has no size that can be drawn.
pub fn draw(svg: &str) -> Result<Picture, PictureError> {
    let tree = Tree::from_str(svg, &options())?;
    let size = tree.size();
    let (width, height) = (size.width(), size.height());
    let pixels = size.scale_by(SCALE).ok_or(PictureError::Size { width, height })?.to_int_size();
    let mut map =
        Pixmap::new(pixels.width(), pixels.height()).ok_or(PictureError::Size { width, height })?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut map.as_mut());
    Ok(Picture { png: encode(&map)?, width, height })
}

fn options() -> Options<'static> {
    let mut options = Options { font_family: FAMILY.to_owned(), ..Options::default() };
    let fonts = options.fontdb_mut();
    for font in [
        dejavu::sans::regular(),
        dejavu::sans::bold(),
        dejavu::sans::oblique(),
        dejavu::sans_mono::regular(),
    ] {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family(FAMILY);
    // Where a family that is not here ends up.
    fonts.set_serif_family(FAMILY);
    fonts.set_monospace_family(MONOSPACE);
    options
}

fn encode(map: &Pixmap) -> Result<Vec<u8>, PictureError> {
    let colours: Vec<Colour> =
        map.pixels().iter().map(|pixel| straight(pixel.demultiply())).collect();
    let palette = palette(&colours);
    let mut indices = HashMap::new();
    let index =
        |colour: &Colour| *indices.entry(*colour).or_insert_with(|| nearest(&palette, *colour));
    let data: Vec<u8> = colours.iter().map(index).collect();

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, map.width(), map.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect::<Vec<u8>>());
    if palette.iter().any(|colour| colour[3] < u8::MAX) {
        encoder.set_trns(palette.iter().map(|colour| colour[3]).collect::<Vec<u8>>());
    }
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header()?.write_image_data(&data)?;
    Ok(bytes)
}

fn straight(colour: resvg::tiny_skia::ColorU8) -> Colour {
    [colour.red(), colour.green(), colour.blue(), colour.alpha()]
}

/// The most frequent colours, in an order that depends on the picture only.
fn palette(colours: &[Colour]) -> Vec<Colour> {
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for &colour in colours {
        *counts.entry(colour).or_default() += 1;
    }
    let mut ranked: Vec<(Colour, usize)> = counts.into_iter().collect();
    ranked.sort_by_key(|&(colour, count)| (std::cmp::Reverse(count), colour));
    ranked.into_iter().take(PALETTE_SIZE).map(|(colour, _)| colour).collect()
}

/// The index of the most similar colour.
fn nearest(palette: &[Colour], colour: Colour) -> u8 {
    let distance = |other: &Colour| -> u32 {
        colour.iter().zip(other).map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let best = palette.iter().zip(0_u8..=u8::MAX).min_by_key(|(other, _)| distance(other));
    best.map_or(0, |(_, index)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">
        <rect width="60" height="20" fill="white"/>TEXT</svg>"#;

    fn with(text: &str) -> Result<Picture, PictureError> {
        draw(&SVG.replace("TEXT", text))
    }

    #[test]
    fn text_is_drawn_with_the_bundled_font_whatever_family_it_asks_for()
    -> Result<(), Box<dyn std::error::Error>> {
        let empty = with("")?.png;
        let label =
            |family: &str| with(&format!(r#"<text y="15" font-family="{family}">µσπ</text>"#));
        let sans = label("sans-serif")?.png;
        assert_ne!(sans, empty);
        assert_eq!(label("No Such Font")?.png, sans);
        Ok(())
    }

    #[test]
    fn the_picture_has_twice_the_pixels_and_says_its_size() -> Result<(), Box<dyn std::error::Error>>
    {
        let picture = with("")?;
        assert_eq!((picture.width, picture.height), (60.0, 20.0));
        let info = png::Decoder::new(std::io::Cursor::new(picture.png)).read_info()?.info().clone();
        assert_eq!((info.width, info.height), (120, 40));
        Ok(())
    }

    #[test]
    fn rare_colours_become_the_nearest_frequent_one() {
        let mut colours: Vec<Colour> =
            (0..=u8::MAX).flat_map(|grey| [[grey, grey, grey, 255]; 2]).collect();
        colours.push([200, 200, 203, 255]);
        let palette = palette(&colours);
        assert_eq!(palette.len(), PALETTE_SIZE);
        assert_eq!(
            palette[usize::from(nearest(&palette, [200, 200, 203, 255]))],
            [201, 201, 201, 255]
        );
    }

    #[test]
    fn what_is_no_drawing_is_an_error() {
        assert!(draw("no").is_err());
    }
}
