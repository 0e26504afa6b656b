//! The sample configuration: every option with its documentation and its default.

use std::fmt::Write;

use super::option::Row;
use super::options::{AREAS, Config};
use super::table;

const OPENING: &str = "\
# Sample configuration of Ochre: every option with its default. Made from the option table; to be changed there.
#
# Start the server with this file:  ochre-server ochre.conf
# An option may be repeated; the last line counts. Options on the command line come after those of the file:
#   ochre-server ochre.conf --port 7777 --save 60 1
# Other files may be read in with `include PATH`, where PATH may be a pattern. A value with blanks is put in quotes.
# Sizes may have a unit, in any case: 1k is 1000 bytes, 1kb 1024, likewise m, mb, g and gb.
";

/// The text of `ochre.conf`: loads back to the defaults.
pub fn sample() -> String {
    let defaults = Config::default();
    let mut text = OPENING.to_owned();
    for (heading, rows) in AREAS {
        let rule = "-".repeat(100_usize.saturating_sub(heading.len()));
        text.push_str(&format!("\n# --- {heading} {rule}\n"));
        for row in *rows {
            text.push('\n');
            append_option(&mut text, row, &defaults);
        }
    }
    text
}

fn append_option(text: &mut String, row: &Row, defaults: &Config) {
    for line in description(row) {
        text.push_str("# ");
        text.push_str(&line);
        text.push('\n');
    }
    let lines = (row.lines)(defaults);
    for line in &lines {
        text.push_str(&String::from_utf8_lossy(&line.text));
        text.push('\n');
    }
    if lines.is_empty() {
        text.push_str(&format!("# {} ...\n", row.name));
    }
}

/// What an option is for, what it accepts, and when it may change.
fn description(row: &Row) -> Vec<String> {
    let mut lines: Vec<String> = row.documentation.iter().map(|line| line.trim().to_owned()).collect();
    let when = match row.flags {
        flags if flags.is_immutable => "Fixed at the start.",
        flags if flags.is_protected => "CONFIG SET needs enable-protected-configs.",
        _ => "CONFIG SET changes it.",
    };
    lines.push(format!("Accepts {}. {when}", (row.accepts)()));
    if !row.aliases.is_empty() {
        lines.push(format!("Also called {}.", row.aliases.join(", ")));
    }
    lines
}

impl Config {
    /// What the option of this name or alias is for, what it accepts, its value and its default.
    pub fn help(&self, name: &str) -> Option<String> {
        let (row, _) = table::find(name.as_bytes())?;
        let shown = |config| String::from_utf8_lossy(&(row.print)(config)).into_owned();
        let mut text = format!("{}\n", row.name);
        for line in description(row) {
            writeln!(text, "    {line}").expect("writing to a string succeeds");
        }
        let value = if row.is_secret { "(redacted)".to_owned() } else { shown(self) };
        writeln!(text, "    Now \"{value}\", by default \"{}\".", shown(&Self::default()))
            .expect("writing to a string succeeds");
        Some(text)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests look at real files")]
mod tests {
    use super::*;

    /// Compares a generated file at the root of the repository with what it should hold; with OCHRE_UPDATE set, writes it.
    fn check_fresh(path: &str, text: &str) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../").to_owned() + path;
        if std::env::var_os("OCHRE_UPDATE").is_some() {
            std::fs::write(&path, text).expect("the generated file can be written");
        }
        let stands = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stands == text, "{path} is stale: run this test with OCHRE_UPDATE=1");
    }

    #[test]
    fn the_sample_file_is_fresh() {
        check_fresh("ochre.conf", &sample());
    }

    #[test]
    fn the_page_of_options_to_come_is_fresh() {
        check_fresh("docs/options-not-yet.md", &super::super::not_yet::page());
    }

    #[test]
    fn the_sample_loads_back_to_the_defaults() {
        let directory = std::env::current_dir().expect("there is a working directory");
        let read = |text: &str| {
            super::super::load::load_from(&[b"-".to_vec()], &mut text.as_bytes(), &directory)
                .expect("the text loads")
        };
        assert_eq!(read(&sample()), read(""));
        assert_eq!(Config { snapshotting: Config::default().snapshotting, ..read("") }, Config::default());
    }

    #[test]
    fn help_names_bounds_and_values() {
        let mut config = Config::default();
        config.general.hz = 20;
        let help = config.help("HZ").expect("the option is there");
        assert!(help.starts_with("hz\n    How often"), "{help}");
        assert!(help.contains("Now \"20\", by default \"10\"."), "{help}");
        assert!(config.help("nope").is_none());
    }
}
