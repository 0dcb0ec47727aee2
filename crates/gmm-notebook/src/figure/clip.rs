//! What of a drawing lies within its axes.

pub(crate) type Point = (f64, f64);

/// A rectangle: its left and right, lower and upper ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
}

impl Window {
    pub(crate) fn contains(&self, (x, y): Point) -> bool {
        (self.x.0..=self.x.1).contains(&x) && (self.y.0..=self.y.1).contains(&y)
    }

    /// The pieces of a polyline within the window, cut where it crosses the edges.
    pub(crate) fn pieces(&self, points: &[Point]) -> Vec<Vec<Point>> {
        let mut pieces: Vec<Vec<Point>> = Vec::new();
        if let [point] = points {
            return if self.contains(*point) { vec![vec![*point]] } else { pieces };
        }
        for pair in points.windows(2) {
            let Some((from, to)) = self.segment(pair[0], pair[1]) else { continue };
            match pieces.last_mut() {
                Some(piece) if piece.last() == Some(&from) => piece.push(to),
                _ => pieces.push(vec![from, to]),
            }
        }
        pieces
    }

    /// The part of a segment within the window: "A new concept and method for line clipping", ACM Transactions on Graphics 3, 1984.
    fn segment(&self, a: Point, b: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for (step, room) in [
            (-dx, a.0 - self.x.0),
            (dx, self.x.1 - a.0),
            (-dy, a.1 - self.y.0),
            (dy, self.y.1 - a.1),
        ] {
            if step == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if step < 0.0 {
                enter = enter.max(room / step);
            } else {
                leave = leave.min(room / step);
            }
        }
        let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
        // Ends that lie inside stay as they are, to the bit: pieces are joined where they are equal.
        let from = if enter == 0.0 { a } else { at(enter) };
        let to = if leave == 1.0 { b } else { at(leave) };
        (enter <= leave).then_some((from, to))
    }

    /// A polygon cut to the window, one edge after the other: "Reentrant polygon clipping", Communications of the ACM 17, 1974.
    pub(crate) fn polygon(&self, corners: &[Point]) -> Vec<Point> {
        let swap = |p: &[Point]| -> Vec<Point> { p.iter().map(|(x, y)| (*y, *x)).collect() };
        let across = above(&above(corners, self.x.0, 1.0), self.x.1, -1.0);
        swap(&above(&above(&swap(&across), self.y.0, 1.0), self.y.1, -1.0))
    }
}

/// The part of a polygon where sign·x ≥ sign·edge.
fn above(corners: &[Point], edge: f64, sign: f64) -> Vec<Point> {
    let inside = |p: Point| sign * p.0 >= sign * edge;
    let mut kept = Vec::with_capacity(corners.len());
    for (i, &to) in corners.iter().enumerate() {
        let from = corners[if i == 0 { corners.len() - 1 } else { i - 1 }];
        if inside(from) != inside(to) {
            let t = (edge - from.0) / (to.0 - from.0);
            kept.push((edge, from.1 + t * (to.1 - from.1)));
        }
        if inside(to) {
            kept.push(to);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { x: (2.0, 5.0), y: (-10.0, 4.0) };

    #[test]
    fn a_line_is_cut_where_it_leaves_and_goes_on_where_it_comes_back() {
        let line = [(0.0, 0.0), (10.0, 10.0)];
        assert_eq!(WINDOW.pieces(&line), [[(2.0, 2.0), (4.0, 4.0)]]);
        assert!(WINDOW.pieces(&[(20.0, 0.0), (30.0, 0.0)]).is_empty());
        let peak = [(2.0, 3.0), (3.0, 5.0), (4.0, 3.0)];
        assert_eq!(WINDOW.pieces(&peak), [[(2.0, 3.0), (2.5, 4.0)], [(3.5, 4.0), (4.0, 3.0)]]);
    }

    #[test]
    fn an_area_is_cut_without_changing_its_slopes() {
        let tent = [(2.0, 0.0), (3.5, 6.0), (5.0, 0.0)];
        let cut = WINDOW.polygon(&tent);
        assert_eq!(cut, [(2.0, 0.0), (3.0, 4.0), (4.0, 4.0), (5.0, 0.0)]);
        assert!(WINDOW.polygon(&[(6.0, 0.0), (7.0, 1.0), (8.0, 0.0)]).is_empty());
    }
}
