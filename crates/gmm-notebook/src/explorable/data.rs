//! What a script is given: the members of one JavaScript object, as JSON. And the grids that both sides must agree on.

use super::ExplorableError;
use crate::Role;
use crate::display::{json_number, json_string};
use gaussian_mixture::GridError;

/// Members of an object, in the order in which they were added.
#[derive(Clone, Default)]
pub(super) struct Data(Vec<String>);

impl Data {
    pub(super) fn number(self, name: &str, x: f64) -> Self {
        self.member(name, &json_number(x))
    }

    pub(super) fn numbers(self, name: &str, list: impl IntoIterator<Item = f64>) -> Self {
        let list: Vec<String> = list.into_iter().map(json_number).collect();
        self.member(name, &format!("[{}]", list.join(",")))
    }

    pub(super) fn counts(self, name: &str, list: impl IntoIterator<Item = usize>) -> Self {
        self.member(name, &count_list(list))
    }

    pub(super) fn count_lists(
        self,
        name: &str,
        lists: impl IntoIterator<Item = Vec<usize>>,
    ) -> Self {
        let lists: Vec<String> = lists.into_iter().map(count_list).collect();
        self.member(name, &format!("[{}]", lists.join(",")))
    }

    pub(super) fn count(self, name: &str, count: usize) -> Self {
        self.member(name, &count.to_string())
    }

    pub(super) fn text(self, name: &str, text: &str) -> Self {
        self.member(name, &json_string(text))
    }

    pub(super) fn color(self, name: &str, role: Role) -> Self {
        self.text(name, &hex(role))
    }

    pub(super) fn colors(self, name: &str, roles: impl IntoIterator<Item = Role>) -> Self {
        let list: Vec<String> = roles.into_iter().map(|role| json_string(&hex(role))).collect();
        self.member(name, &format!("[{}]", list.join(",")))
    }

    fn member(mut self, name: &str, value: &str) -> Self {
        self.0.push(format!("{name}:{value}"));
        self
    }

    /// The object as it may stand inside a script: no `</script>` and no `<!--` can come of a label.
    pub(super) fn object(&self) -> String {
        format!("{{{}}}", self.0.join(",")).replace('<', "\\u003c")
    }
}

fn count_list(list: impl IntoIterator<Item = usize>) -> String {
    let list: Vec<String> = list.into_iter().map(|count| count.to_string()).collect();
    format!("[{}]", list.join(","))
}

fn hex(role: Role) -> String {
    let color = role.color();
    format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2)
}

/// `steps` equal steps from `low` to `high`. The scripts have the same formula: a blend of the ends, whose difference may overflow.
pub(super) fn even_grid(low: f64, high: f64, steps: usize) -> Result<Vec<f64>, ExplorableError> {
    let range = ExplorableError::Range { low, high };
    if !(low.is_finite() && high.is_finite() && low < high && (high - low).is_normal()) {
        return Err(range);
    }
    let n = steps as f64;
    let point = |i: usize| low * ((n - i as f64) / n) + high * (i as f64 / n);
    let grid: Vec<f64> = (0..=steps).map(point).collect();
    match grid.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(i) => {
            let error =
                GridError::NotIncreasing { index: i + 1, left: grid[i], right: grid[i + 1] };
            Err(error.into())
        }
        None => Ok(grid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_can_end_the_script() {
        let data = Data::default().text("a", "</script><!-- \"").numbers("b", [0.5, f64::NAN]);
        assert_eq!(data.object(), r#"{a:"\u003c/script>\u003c!-- \"",b:[5e-1,null]}"#);
    }

    #[test]
    fn a_grid_that_is_none_is_named() {
        assert_eq!(even_grid(0.0, 1.0, 4).unwrap(), [0.0, 0.25, 0.5, 0.75, 1.0]);
        for (low, high) in [(1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (-1.7e308, 1.7e308)]
        {
            assert!(matches!(even_grid(low, high, 4), Err(ExplorableError::Range { .. })));
        }
        assert!(matches!(even_grid(1e16, 1e16 + 8.0, 100), Err(ExplorableError::Grid(_))));
    }
}
