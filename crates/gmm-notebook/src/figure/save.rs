//! Figures as files.

use super::FigureError;
use std::path::Path;

/// Writes a drawing in the format that the file's extension names.
pub(crate) fn save(
    path: &Path,
    svg: impl FnOnce() -> Result<String, FigureError>,
) -> Result<(), FigureError> {
    let name = || path.display().to_string();
    let extension =
        path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let bytes = match extension.as_str() {
        "svg" => svg()?.into_bytes(),
        "png" => png(&svg()?, name())?,
        _ => return Err(FigureError::Extension { path: name() }),
    };
    write(path, &bytes)
}

/// Writes a file, or says which could not be written, and why.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), FigureError> {
    std::fs::write(path, bytes).map_err(|error| FigureError::Save {
        path: path.display().to_string(),
        message: error.to_string(),
    })
}

#[cfg(feature = "png")]
fn png(svg: &str, _: String) -> Result<Vec<u8>, FigureError> {
    match svg_picture::draw(svg) {
        Ok(picture) => Ok(picture.png),
        Err(error) => Err(FigureError::Drawing(error.to_string())),
    }
}

#[cfg(not(feature = "png"))]
fn png(_: &str, path: String) -> Result<Vec<u8>, FigureError> {
    Err(FigureError::NoPng { path })
}
