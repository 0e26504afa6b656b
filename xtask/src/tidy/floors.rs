//! Imports go down: a crate depends on crates of lower floors only, by the table of ARCHITECTURE.md.

use std::collections::BTreeMap;

use super::tree::Tree;

const TABLE: &str = "ARCHITECTURE.md";

/// What lets every floor read it: it knows nothing of Redis and imports nothing of ours.
const LOWEST: &str = "stdx";

/// Crates for tests and building, which no other crate may import save as a dev-dependency.
const BESIDE: &[&str] = &["fuzz", "sim", "testkit", "tests", "xtask"];

/// The dependencies that do not go down.
pub fn check(tree: &Tree) -> Vec<String> {
    let floors = floors(tree.text(TABLE).unwrap_or_default());
    if floors.is_empty() {
        return vec![format!("{TABLE}: holds no table of floors")];
    }
    let manifests = tree.texts.iter().filter_map(|(path, text)| Some((crate_of(path)?, text)));
    manifests.flat_map(|(name, manifest)| objections(name, manifest, &floors)).collect()
}

/// The folder of a crate's manifest.
fn crate_of(path: &str) -> Option<&str> {
    let folder = path.strip_suffix("/Cargo.toml")?;
    Some(folder.strip_prefix("crates/").unwrap_or(folder))
}

fn objections(name: &str, manifest: &str, floors: &BTreeMap<&str, u32>) -> Vec<String> {
    if BESIDE.contains(&name) {
        return Vec::new();
    }
    let Some(own) = floors.get(name) else {
        return vec![format!("{TABLE}: the table of floors lacks the crate {name}")];
    };
    let mut found = Vec::new();
    for import in dependencies(manifest) {
        if BESIDE.contains(&import) {
            found.push(format!("crates/{name}: imports {import}, which is for tests and building only"));
        }
        if let Some(floor) = floors.get(import).filter(|floor| *floor >= own && import != LOWEST) {
            found.push(format!("crates/{name}: floor {own} imports {import} of floor {floor}"));
        }
    }
    found
}

/// The floor of each crate: rows such as "| 4 | `keyspace`, `log` | ... |".
fn floors(page: &str) -> BTreeMap<&str, u32> {
    let mut floors = BTreeMap::new();
    for row in page.lines() {
        let mut cells = row.split('|').skip(1).map(str::trim);
        let (Some(floor), Some(crates)) = (cells.next(), cells.next()) else { continue };
        let Ok(floor) = floor.parse() else { continue };
        floors.extend(crates.split('`').skip(1).step_by(2).map(|name| (name, floor)));
    }
    floors
}

/// The names under `[dependencies]`, and those for one target alone.
fn dependencies(manifest: &str) -> Vec<&str> {
    let (mut names, mut is_open) = (Vec::new(), false);
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            is_open = line.ends_with("dependencies]") && !line.contains("dev-dependencies");
        } else if is_open && !line.starts_with('#') {
            names.extend(line.split(['.', ' ', '=']).next().filter(|name| !name.is_empty()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::example;

    const FLOORS: &str =
        "| floor | crates |\n|---|---|\n| 1 | `stdx`, `net` | x |\n| 2 | `resp`, `rdb` | y |\n";

    fn problems(manifest: &str) -> Vec<String> {
        check(&example(&[(TABLE, FLOORS), ("crates/resp/Cargo.toml", manifest)]))
    }

    #[test]
    fn imports_go_down() {
        let fine = "[package]\nname = \"resp\"\n[dependencies]\nnet.workspace = true\nstdx = { path = \"x\" }\nitoa = \"1\"\n[dev-dependencies]\ntestkit.workspace = true\nrdb.workspace = true\n";
        assert_eq!(problems(fine), Vec::<String>::new());
        assert_eq!(problems("[dependencies]\nrdb.workspace = true\n").len(), 1);
        assert_eq!(problems("[target.'cfg(unix)'.dependencies]\ntestkit = { path = \"x\" }\n").len(), 1);
    }

    #[test]
    fn every_crate_has_a_floor() {
        let tree = example(&[(TABLE, FLOORS), ("crates/new/Cargo.toml", ""), ("xtask/Cargo.toml", "")]);
        assert_eq!(check(&tree).len(), 1);
        assert_eq!(check(&example(&[])), ["ARCHITECTURE.md: holds no table of floors"]);
    }
}
