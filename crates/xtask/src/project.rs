//! Where everything is.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The project's folder; every other path follows from it.
pub(crate) struct Project {
    root: PathBuf,
    /// Where results go.
    output: PathBuf,
}

impl Project {
    /// The project that this program belongs to.
    ///
    /// Cargo says where the package is *now*, also after the project was moved; without cargo, the current
    /// folder or one above it must be the project's.
    pub(crate) fn find() -> Result<Self> {
        let start = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(package) => PathBuf::from(package),
            None => env::current_dir().context("the current folder is gone")?,
        };
        let is_root = |folder: &&Path| folder.join("crates/xtask/Cargo.toml").is_file();
        let root =
            start.ancestors().find(is_root).context("this is not inside the project's folder")?;
        Ok(Self::at(root))
    }

    /// The project in this folder.
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf(), output: root.join("target") }
    }

    /// The same project with another place for results, if one is given.
    pub(crate) fn with_output(&self, output: Option<&Path>) -> Self {
        let output = output.unwrap_or(&self.output).to_path_buf();
        Self { root: self.root.clone(), output }
    }

    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Everything that set-up installs, and its logs and caches.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join(".tools")
    }

    /// The kernel's install root, as in `cargo install --root`.
    pub(crate) fn kernel(&self) -> PathBuf {
        self.tools().join("kernel")
    }

    /// The kernel's program.
    pub(crate) fn kernel_program(&self) -> PathBuf {
        self.kernel().join("bin").join(format!("evcxr_jupyter{}", env::consts::EXE_SUFFIX))
    }

    /// The virtual environment with Jupyter.
    pub(crate) fn jupyter(&self) -> PathBuf {
        self.tools().join("jupyter")
    }

    /// The virtual environment's Python.
    pub(crate) fn python(&self) -> PathBuf {
        let program = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
        self.jupyter().join(program)
    }

    /// Where Jupyter, and evcxr, look for the kernel's registration.
    pub(crate) fn jupyter_data(&self) -> PathBuf {
        self.jupyter().join("share").join("jupyter")
    }

    /// A file of this crate's `jupyter` folder: the scripts and settings that run in Jupyter's environment.
    pub(crate) fn support(&self, name: &str) -> PathBuf {
        self.root.join("crates/xtask/jupyter").join(name)
    }

    /// The folders in which kernels build their cells.
    pub(crate) fn build_folders(&self) -> PathBuf {
        self.tools().join("kernels")
    }

    /// A file of this crate's `browser` folder: the scripts that look at pages in a browser.
    pub(crate) fn browser_script(&self, name: &str) -> PathBuf {
        self.root.join("crates/xtask/browser").join(name)
    }

    /// A file of this crate's `bench` folder: what is measured beside each other.
    pub(crate) fn bench_script(&self, name: &str) -> PathBuf {
        self.root.join("crates/xtask/bench").join(name)
    }

    /// What was last measured.
    pub(crate) fn bench_table(&self) -> PathBuf {
        self.root.join("target").join("bench").join("table.md")
    }

    /// What a step or a notebook's kernel printed.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.tools().join("log").join(format!("{name}.log"))
    }

    /// The notebooks.
    pub(crate) fn notebooks(&self) -> PathBuf {
        self.root.join("notebooks")
    }

    /// Executed notebooks.
    pub(crate) fn executed(&self) -> PathBuf {
        self.output.join("notebooks")
    }

    /// Copies of the notebooks to work in.
    pub(crate) fn exercises(&self) -> PathBuf {
        self.output.join("exercises")
    }

    /// The site made of them.
    pub(crate) fn site(&self) -> PathBuf {
        self.output.join("site")
    }

    /// The notebooks' code as programs.
    pub(crate) fn programs(&self) -> PathBuf {
        self.root.join("target").join("programs")
    }

    /// What the notebooks looked like in `JupyterLab` when that was last tested.
    pub(crate) fn screenshots(&self) -> PathBuf {
        self.root.join("target").join("screenshots")
    }

    /// A path as a reader would type it.
    pub(crate) fn short(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}
