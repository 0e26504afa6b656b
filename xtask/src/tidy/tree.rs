//! The files of the workspace, read once for all rules.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::source::Source;

/// The files that git knows or would take.
#[derive(Debug, Default)]
pub struct Tree {
    /// The Rust files, by path.
    pub sources: Vec<Source>,
    /// All files that hold text, Rust files too: the path from the root, and the text.
    pub texts: Vec<(String, String)>,
}

impl Tree {
    /// Reads the files of the repository at `root`.
    ///
    /// # Errors
    ///
    /// A sentence, when git does not answer.
    pub fn read(root: &Path) -> Result<Self, String> {
        let list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
        let output = Command::new("git").args(list).current_dir(root).output();
        let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
        if !output.status.success() {
            return Err(format!("git ls-files failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        let names = String::from_utf8_lossy(&output.stdout);
        // Neither binary files nor those that were deleted and not yet committed.
        let read = |name: &str| Some((name.to_owned(), fs::read_to_string(root.join(name)).ok()?));
        Ok(Self::of(names.split('\0').filter(|name| !name.is_empty()).filter_map(read).collect()))
    }

    /// A tree of these files, each a path and its text.
    #[must_use]
    pub fn of(texts: Vec<(String, String)>) -> Self {
        let is_rust = |name: &str| Path::new(name).extension().is_some_and(|extension| extension == "rs");
        let sources = texts
            .iter()
            .filter(|(name, _)| is_rust(name))
            .map(|(name, text)| Source::new(name, text))
            .collect();
        Self { sources, texts }
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.iter().find(|(name, _)| name == path).map(|(_, text)| text.as_str())
    }

    /// The Rust file at a path.
    #[must_use]
    pub fn source(&self, path: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.path == path)
    }
}

/// A tree for the tests of the rules.
#[cfg(test)]
pub fn example(files: &[(&str, &str)]) -> Tree {
    Tree::of(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}
