//! What must hold for any configuration file: run by the tests for a while, and by `cargo xtask fuzz` for as long as one
//! likes.

use super::{Config, Loader};
use std::path::Path;

/// A file that is taken is rewritten so that it means the same. Rewritten again it may come to name what it left to the
/// default, and then stays as it is.
pub fn config_file(bytes: &[u8]) {
    // Lists of files are another matter: what they mean lies outside of the bytes.
    if bytes.to_ascii_lowercase().windows(7).any(|window| window == b"include") {
        return;
    }
    let Some(config) = load(bytes) else { return };
    let meaning = config.get(&["*"]);
    for old in [bytes, b""] {
        let once = config.rewritten(old);
        let twice = reload(&once, &meaning).rewritten(&once);
        let settled = reload(&twice, &meaning).rewritten(&twice);
        assert_eq!(settled.escape_ascii().to_string(), twice.escape_ascii().to_string());
    }
}

fn reload(text: &[u8], meaning: &[(String, Vec<u8>)]) -> Config {
    let config = load(text).expect("what was written is taken");
    assert_eq!(config.get(&["*"]), meaning, "{}", text.escape_ascii());
    config
}

fn load(text: &[u8]) -> Option<Config> {
    let mut loader = Loader::new(Path::new("/"));
    // A name in quotes can hide what it is.
    loader.files_left = 0;
    loader.apply(text, 0).ok().map(|()| loader.config)
}

#[cfg(test)]
mod tests {
    use testkit::fuzz;

    #[test]
    fn config_file() {
        fuzz("config_file", 3_000, super::config_file);
    }
}
