//! Fewer points for the same picture.

/// The points that a polyline needs so that none of those left out is further than `tolerance` above or below it.
///
/// The method is that of "An iterative procedure for the polygonal approximation of plane curves" (Computer Graphics and
/// Image Processing 1, 1972), with the vertical distance, which suits the graph of a function.
///
/// First and last point always stay. `points` has increasing abscissas.
pub(crate) fn simplify(points: &[(f64, f64)], tolerance: f64) -> Vec<(f64, f64)> {
    let mut keep = vec![false; points.len()];
    let mut spans = Vec::new();
    if let Some(last) = points.len().checked_sub(1) {
        keep[0] = true;
        keep[last] = true;
        spans.push((0, last));
    }
    while let Some((from, to)) = spans.pop() {
        if let Some(split) = furthest(points, from, to, tolerance) {
            keep[split] = true;
            spans.extend([(from, split), (split, to)]);
        }
    }
    points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(point, _)| *point).collect()
}

/// The point between `from` and `to` that is furthest from the straight line that joins them, if further than `tolerance`.
fn furthest(points: &[(f64, f64)], from: usize, to: usize, tolerance: f64) -> Option<usize> {
    let ((x0, y0), (x1, y1)) = (points[from], points[to]);
    let distance = |i: usize| {
        let (x, y) = points[i];
        (y - y0 - (y1 - y0) * (x - x0) / (x1 - x0)).abs()
    };
    let (split, distance) =
        (from + 1..to).map(|i| (i, distance(i))).max_by(|a, b| a.1.total_cmp(&b.1))?;
    (distance > tolerance).then_some(split)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_needs_its_ends_and_a_corner_stays() {
        let tent: Vec<(f64, f64)> = (-50..=50).map(f64::from).map(|x| (x, -x.abs())).collect();
        assert_eq!(simplify(&tent, 1e-9), [(-50.0, -50.0), (0.0, 0.0), (50.0, -50.0)]);
    }

    #[test]
    fn no_point_left_out_is_further_than_the_tolerance() {
        let bump: Vec<(f64, f64)> =
            (0..2000).map(|i| f64::from(i) * 0.01 - 10.0).map(|x| (x, (-x * x).exp())).collect();
        let kept = simplify(&bump, 1e-3);
        assert!(kept.len() < 100, "{} points", kept.len());
        for (x, y) in bump {
            let right = kept.partition_point(|p| p.0 < x).max(1);
            let ((x0, y0), (x1, y1)) = (kept[right - 1], kept[right]);
            assert!((y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y).abs() <= 1e-3);
        }
    }

    #[test]
    fn one_point_and_none_are_left_alone() {
        assert_eq!(simplify(&[], 1.0), []);
        assert_eq!(simplify(&[(1.0, 2.0)], 1.0), [(1.0, 2.0)]);
    }
}
