//! How wide a text is, in the font that the figures ask for: so that labels find their place without any font at hand.

use super::widths::RUNS;

/// Verdana has nearly the same widths and is where DejaVu Sans is not.
pub(crate) const FAMILIES: &str = "DejaVu Sans,Verdana,sans-serif";

const UNITS_PER_EM: f64 = 2048.0;

/// As wide as the font is high: no character in use is wider, so that what the table does not know gets space enough.
const UNKNOWN: (u16, u16) = (2048, 2048);

/// The weight of a font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// The width of a text in the unit of `size`.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let units: u32 = text.chars().map(|c| u32::from(advance(c, weight))).sum();
    f64::from(units) * size / UNITS_PER_EM
}

fn advance(c: char, weight: Weight) -> u16 {
    let after = RUNS.partition_point(|(first, _)| *first <= c);
    let known = after.checked_sub(1).and_then(|run| {
        let (first, widths) = RUNS[run];
        widths.get((u32::from(c) - u32::from(first)) as usize)
    });
    let (regular, bold) = known.copied().unwrap_or(UNKNOWN);
    match weight {
        Weight::Regular => regular,
        Weight::Bold => bold,
    }
}

/// The text in lines no wider than `most`, broken at spaces; a word that is wider by itself is broken anywhere. Control characters
/// are spaces here: plotters would break lines at them that nobody made room for.
pub(crate) fn lines(text: &str, size: f64, weight: Weight, most: f64) -> Vec<String> {
    let fits = |line: &str| width(line, size, weight) <= most;
    let mut lines = vec![String::new()];
    for word in text.split(|c: char| c == ' ' || c.is_control()).filter(|word| !word.is_empty()) {
        let last = lines.len() - 1;
        let longer = if lines[last].is_empty() {
            word.to_owned()
        } else {
            format!("{} {word}", lines[last])
        };
        if fits(&longer) {
            lines[last] = longer;
            continue;
        }
        if !lines[last].is_empty() {
            lines.push(String::new());
        }
        for c in word.chars() {
            let last = lines.len() - 1;
            if !lines[last].is_empty() && !fits(&format!("{}{c}", lines[last])) {
                lines.push(String::new());
            }
            let last = lines.len() - 1;
            lines[last].push(c);
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_is_the_fonts_own() {
        for (data, weight) in
            [(dejavu::sans::regular(), Weight::Regular), (dejavu::sans::bold(), Weight::Bold)]
        {
            let face = ttf_parser::Face::parse(data, 0).unwrap();
            assert_eq!(f64::from(face.units_per_em()), UNITS_PER_EM);
            for (first, widths) in RUNS {
                for offset in 0..u32::try_from(widths.len()).unwrap() {
                    let c = char::from_u32(u32::from(*first) + offset).unwrap();
                    let glyph = face.glyph_index(c).unwrap();
                    assert_eq!(face.glyph_hor_advance(glyph), Some(advance(c, weight)), "{c}");
                }
            }
        }
    }

    #[test]
    fn the_signs_of_the_field_are_known() {
        for c in "μσπΣ−±×·≤≥≈∞∫∪√₀₁₉ₖ⁰⁵⁹⁻′ℓé".chars() {
            assert!(
                RUNS.iter().any(|(first, widths)| {
                    (u32::from(c))
                        .checked_sub(u32::from(*first))
                        .is_some_and(|i| (i as usize) < widths.len())
                }),
                "{c}"
            );
        }
    }

    #[test]
    fn lines_hold_what_fits_and_lose_nothing() {
        let text = "the area below the hand-made curve";
        let broken = lines(text, 10.0, Weight::Regular, 90.0);
        assert!(broken.len() > 1);
        assert!(broken.iter().all(|line| width(line, 10.0, Weight::Regular) <= 90.0));
        assert_eq!(broken.join(" "), text);
        let word = lines("incomprehensibilities", 10.0, Weight::Regular, 30.0);
        assert!(word.len() > 2);
        assert_eq!(word.concat(), "incomprehensibilities");
        assert!(lines("\n\t ", 10.0, Weight::Regular, 30.0).is_empty());
    }
}
