//! One look per role, the same in every figure: a colour, a line style for print in grey, and a marker.

use super::canvas::Marker;
use plotters::style::RGBColor;

/// What a curve, an area or a point is in the story. It decides the colour, the style of lines and the marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The samples: grey, solid.
    Data,
    /// The density of a fitted mixture: crimson, solid.
    Fitted,
    /// A curve with a mistake in it: black, dashed.
    Wrong,
    /// The curve with the mistake corrected: blue, dash-dotted, to be seen on top of the fitted one.
    Right,
    /// One component of a mixture, counted from 0: light blue, yellow, green, purple, brown, each with a line style of
    /// its own.
    Component(usize),
    /// A line or a value to compare with: dark grey, dotted.
    Reference,
}

/// The pattern of a line: dash, gap, dash, … in tenths of a pixel; empty for a solid line.
pub(crate) type Dash = &'static [u32];

pub(crate) const DASHED: Dash = &[70, 45];
const DASH_DOTTED: Dash = &[90, 30, 18, 30];
const DOTTED: Dash = &[18, 28];

struct Look {
    color: RGBColor,
    name: &'static str,
    dash: Dash,
    marker: Marker,
}

const fn look(rgb: (u8, u8, u8), name: &'static str, dash: Dash, marker: Marker) -> Look {
    Look { color: RGBColor(rgb.0, rgb.1, rgb.2), name, dash, marker }
}

const DATA: Look = look((163, 169, 179), "grey", &[], Marker::Circle);
const FITTED: Look = look((200, 20, 60), "crimson", &[], Marker::Diamond);
const WRONG: Look = look((26, 26, 26), "black", DASHED, Marker::Cross);
const RIGHT: Look = look((11, 95, 165), "blue", DASH_DOTTED, Marker::Square);
const REFERENCE: Look = look((92, 97, 107), "dark grey", DOTTED, Marker::Plus);
const COMPONENTS: [Look; 5] = [
    look((130, 177, 242), "light blue", &[], Marker::TriangleUp),
    look((242, 185, 22), "yellow", &[45, 25], Marker::TriangleDown),
    look((47, 168, 119), "green", &[12, 22], Marker::Circle),
    look((134, 82, 126), "purple", &[90, 25, 15, 25, 15, 25], Marker::Square),
    look((204, 122, 32), "brown", &[140, 40], Marker::Diamond),
];

impl Role {
    fn look(self) -> &'static Look {
        match self {
            Role::Data => &DATA,
            Role::Fitted => &FITTED,
            Role::Wrong => &WRONG,
            Role::Right => &RIGHT,
            Role::Reference => &REFERENCE,
            Role::Component(k) => &COMPONENTS[k % COMPONENTS.len()],
        }
    }

    pub(crate) fn color(self) -> RGBColor {
        self.look().color
    }

    /// The colour's name, for captions.
    pub(crate) fn color_name(self) -> &'static str {
        self.look().name
    }

    /// The line style's name, for captions; none of a solid line.
    pub(crate) fn style_name(self) -> &'static str {
        match self {
            Role::Data | Role::Fitted | Role::Component(_) => "",
            Role::Wrong => "dashed",
            Role::Right => "dash-dotted",
            Role::Reference => "dotted",
        }
    }

    pub(crate) fn marker(self) -> Marker {
        self.look().marker
    }

    /// The line style. Where the colours begin anew, the styles are shifted, so that components 0 and 5 differ.
    pub(crate) fn dash(self) -> Dash {
        match self {
            Role::Component(k) => COMPONENTS[(k + k / COMPONENTS.len()) % COMPONENTS.len()].dash,
            _ => self.look().dash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 10] = [
        Role::Data,
        Role::Fitted,
        Role::Wrong,
        Role::Right,
        Role::Reference,
        Role::Component(0),
        Role::Component(1),
        Role::Component(2),
        Role::Component(3),
        Role::Component(4),
    ];

    /// What differs by this much is told apart at a glance also where it is a thin line; one just notices 2.3.
    const LEAST_DIFFERENCE: f64 = 15.0;

    /// The same for grey: lightness alone, from 0 to 100.
    const LEAST_LIGHTNESS: f64 = 15.0;

    type Matrix = [[f64; 3]; 3];

    /// "A physiologically-based model for simulation of color vision deficiency", IEEE Transactions on Visualization and
    /// Computer Graphics 15, 2009: the matrices of severity 1, for linear RGB.
    const VISIONS: [(&str, Matrix); 4] = [
        ("full", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "deuteranopia",
            [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
        ),
        (
            "tritanopia",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
    ];

    fn times(m: &Matrix, v: [f64; 3]) -> [f64; 3] {
        m.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
    }

    /// CIE L*a*b* of a colour as such an eye sees it, for the white of sRGB.
    fn lab(RGBColor(r, g, b): RGBColor, vision: &Matrix) -> [f64; 3] {
        let linear = [r, g, b]
            .map(|c| f64::from(c) / 255.0)
            .map(|c| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
        let seen = times(vision, linear).map(|c| c.clamp(0.0, 1.0));
        let xyz = times(
            &[
                [0.412_456_4, 0.357_576_1, 0.180_437_5],
                [0.212_672_9, 0.715_152_2, 0.072_175_0],
                [0.019_333_9, 0.119_192_0, 0.950_304_1],
            ],
            seen,
        );
        let white = [0.950_47, 1.0, 1.088_83];
        let f = |t: f64| {
            if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 }
        };
        let [x, y, z] = [0, 1, 2].map(|i| f(xyz[i] / white[i]));
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn pairs() -> impl Iterator<Item = (Role, Role)> {
        (0..ROLES.len()).flat_map(|i| (0..i).map(move |j| (ROLES[i], ROLES[j])))
    }

    /// The least difference of two colours over all kinds of colour vision, and which one.
    fn difference(a: RGBColor, b: RGBColor) -> (f64, &'static str) {
        let apart = |(name, vision): &(&'static str, Matrix)| {
            let squares =
                lab(a, vision).into_iter().zip(lab(b, vision)).map(|(a, b)| (a - b).powi(2));
            (squares.sum::<f64>().sqrt(), *name)
        };
        VISIONS.iter().map(apart).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
    }

    #[test]
    fn every_two_roles_differ_for_every_kind_of_colour_vision() {
        for (a, b) in pairs() {
            let (difference, vision) = difference(a.color(), b.color());
            // What is compared with is dark grey: lines of a style and markers of a shape that no other role has.
            let reference = a == Role::Reference || b == Role::Reference;
            let shape = reference && a.dash() != b.dash() && a.marker() != b.marker();
            let apart = difference >= LEAST_DIFFERENCE || shape;
            assert!(apart, "{a:?}, {b:?}: {difference} ({vision})");
        }
        // Negative control: red and green of one lightness, the pair that deuteranopes confuse.
        let (confused, vision) = difference(RGBColor(205, 90, 60), RGBColor(130, 130, 60));
        assert!(confused < LEAST_DIFFERENCE && vision != "full", "{confused} ({vision})");
    }

    #[test]
    fn every_two_roles_differ_in_grey_by_line_style_and_marker_or_by_lightness() {
        for (a, b) in pairs() {
            let lightness = |role: Role| lab(role.color(), &VISIONS[0].1)[0];
            let apart = (lightness(a) - lightness(b)).abs() >= LEAST_LIGHTNESS;
            // Samples are bars and dots, never a curve beside a component's curve: their marker has to differ, not their line.
            let data = a == Role::Data || b == Role::Data;
            assert!(apart || data || a.dash() != b.dash(), "lines of {a:?} and {b:?}");
            let close = a.marker() == b.marker() && !apart;
            assert!(!close || (a.dash() != b.dash()), "markers of {a:?} and {b:?}");
        }
    }
}
