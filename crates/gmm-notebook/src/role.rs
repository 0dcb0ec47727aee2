//! One colour per role, the same in every figure.

use plotters::style::RGBColor;

/// What a curve is in the story. It decides the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The samples: grey.
    Data,
    /// The density of a fitted mixture: crimson.
    Fitted,
    /// A curve made by hand: black.
    ByHand,
    /// One component of a mixture, counted from 0: blue, orange, green and so on, colours that differ for
    /// colour-blind readers too ("Color Universal Design", 2008).
    Component(usize),
}

const COMPONENTS: [(RGBColor, &str); 5] = [
    (RGBColor(0, 114, 178), "blue"),
    (RGBColor(230, 159, 0), "orange"),
    (RGBColor(0, 158, 115), "green"),
    (RGBColor(204, 121, 167), "purple"),
    (RGBColor(86, 180, 233), "light blue"),
];

impl Role {
    pub(crate) fn color(self) -> RGBColor {
        match self {
            Role::Data => RGBColor(150, 156, 166),
            Role::Fitted => RGBColor(220, 20, 60),
            Role::ByHand => RGBColor(0, 0, 0),
            Role::Component(k) => COMPONENTS[k % COMPONENTS.len()].0,
        }
    }

    /// The colour's name, for captions.
    pub(crate) fn color_name(self) -> &'static str {
        match self {
            Role::Data => "grey",
            Role::Fitted => "crimson",
            Role::ByHand => "black",
            Role::Component(k) => COMPONENTS[k % COMPONENTS.len()].1,
        }
    }
}
