//! The licences of all dependencies against the list of `deny.toml`.

use std::collections::BTreeSet;
use std::fs;

use crate::workspace::{cargo, root};

/// Checks that every dependency may be used under an allowed licence.
///
/// # Errors
///
/// A sentence for each that may not.
pub fn run() -> Result<(), String> {
    let list = fs::read_to_string(root().join("deny.toml")).map_err(|error| format!("deny.toml: {error}"))?;
    let allowed = allowed(&list);
    let options = ["--workspace", "--locked", "--edges=normal,build,dev", "--prefix=none", "--no-dedupe"];
    let output = cargo(&["tree"]).args(options).args(["--format", "{p}|{l}"]).output();
    let output = output.map_err(|error| format!("cargo tree cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo tree failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let packages: BTreeSet<(&str, &str)> = text.lines().filter_map(|line| line.split_once('|')).collect();
    let refused: Vec<String> = packages
        .iter()
        .filter(|(_, licence)| !is_allowed(licence, &allowed))
        .map(|(package, licence)| {
            format!("{package} has the licence \"{licence}\", which deny.toml does not allow")
        })
        .collect();
    if refused.is_empty() {
        println!("licences: {} packages in order", packages.len());
        Ok(())
    } else {
        Err(refused.join("\n"))
    }
}

/// The quoted words of the list that `allow = [` opens.
fn allowed(list: &str) -> BTreeSet<String> {
    let entries = list.split_once("allow = [").and_then(|(_, rest)| rest.split_once(']'));
    let quoted = entries.map(|(entries, _)| entries.split('"').skip(1).step_by(2));
    quoted.into_iter().flatten().map(str::to_owned).collect()
}

/// Whether a licence expression can be met: one side of an OR, both sides of an AND.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], "");
    expression
        .split(" OR ")
        .any(|choice| choice.split(" AND ").all(|licence| allowed.contains(licence.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_list() {
        let list = allowed("[licenses]\nallow = [\n    \"MIT\", # why\n    \"BSD-3-Clause\",\n]\n[bans]\n");
        assert_eq!(list.into_iter().collect::<Vec<_>>(), ["BSD-3-Clause", "MIT"]);
    }

    #[test]
    fn one_side_of_a_choice_is_enough_and_both_of_a_pair_are_needed() {
        let allowed = allowed("allow = [\"MIT\", \"Zlib\"]");
        for fine in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "MIT AND Zlib", "(MIT OR X) AND Zlib"] {
            assert!(is_allowed(fine, &allowed), "{fine}");
        }
        for refused in ["", "GPL-3.0", "MIT AND GPL-3.0"] {
            assert!(!is_allowed(refused, &allowed), "{refused}");
        }
    }
}
