//! How long notebooks usually take on this machine, for who waits for them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::files;
use crate::notebook;
use crate::project::Project;

/// The seconds that each notebook took when it last passed.
pub(crate) struct Usual {
    file: PathBuf,
    seconds: Map<String, Value>,
}

impl Usual {
    /// What is known; nothing is known at first.
    pub(crate) fn read(project: &Project) -> Self {
        let file = project.tools().join("usual.json");
        let known = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { file, seconds: known.unwrap_or_default() }
    }

    /// How long all of these will take, if it is known of each.
    pub(crate) fn total(&self, notebooks: &[PathBuf]) -> Option<Duration> {
        let one = |path: &Path| self.seconds.get(&notebook::stem(path))?.as_f64();
        let total: Option<f64> = notebooks.iter().map(|path| one(path)).sum();
        Duration::try_from_secs_f64(total?).ok()
    }

    /// A notebook has passed in this time.
    pub(crate) fn note(&mut self, name: &str, time: Duration) {
        let seconds = (time.as_secs_f64() * 10.0).round() / 10.0;
        self.seconds.insert(name.to_owned(), json!(seconds));
    }

    /// Remembers it for the next time.
    pub(crate) fn write(&self) -> Result<()> {
        files::write(&self.file, &serde_json::to_vec_pretty(&self.seconds)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_known_when_every_part_is() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-usual-{}", std::process::id()));
        let project = Project::at(&folder);
        let names = [PathBuf::from("a.ipynb"), PathBuf::from("b.ipynb")];
        let mut usual = Usual::read(&project);
        usual.note("a", Duration::from_secs(2));
        assert_eq!(usual.total(&names), None);
        usual.note("b", Duration::from_secs(3));
        usual.write()?;
        assert_eq!(Usual::read(&project).total(&names), Some(Duration::from_secs(5)));
        files::remove_folder(&folder)
    }
}
