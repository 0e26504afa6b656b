//! CONFIG GET: options by name or pattern.

use stdx::glob;

use super::options::Config;
use super::table;

impl Config {
    /// Names and values of all options that one of the patterns asks for, each name once. A pattern without `*`, `?` and
    /// `[` is a name, answered in the spelling of the request; only so are hidden options shown.
    pub fn get(&self, patterns: &[impl AsRef<[u8]>]) -> Vec<(String, Vec<u8>)> {
        let mut found: Vec<(String, Vec<u8>)> = Vec::new();
        for pattern in patterns {
            for (name, value) in self.matching(pattern.as_ref()) {
                if !found.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
                    found.push((name, value));
                }
            }
        }
        found
    }

    fn matching(&self, pattern: &[u8]) -> Vec<(String, Vec<u8>)> {
        if !pattern.iter().any(|byte| b"*?[".contains(byte)) {
            let row = table::find(pattern).map(|(row, _)| row);
            let asked = String::from_utf8_lossy(pattern).into_owned();
            return row.map(|row| (asked, (row.print)(self))).into_iter().collect();
        }
        let visible = table::rows().filter(|row| !row.flags.is_hidden);
        let names = visible.flat_map(|row| row.names().map(move |name| (row, name)));
        names
            .filter(|(_, name)| glob::matches(pattern, name.as_bytes(), true))
            .map(|(row, name)| (name.to_owned(), (row.print)(self)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(patterns: &[&str]) -> Vec<String> {
        Config::default().get(patterns).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_name_is_answered_as_it_was_spelled() {
        assert_eq!(Config::default().get(&["HZ"]), [("HZ".to_owned(), b"10".to_vec())]);
        assert_eq!(names(&["HZ", "hz", "h?"]), ["HZ"]);
    }

    #[test]
    fn patterns_ignore_case_and_list_aliases() {
        assert_eq!(names(&["M*XMEMORY"]), ["maxmemory"]);
        assert_eq!(names(&["rep*a-read-only", "slave-read*"]), ["replica-read-only", "slave-read-only"]);
        assert_eq!(names(&["*slaveo*"]), ["slaveof"]);
        assert_eq!(names(&["h[yz]"]), ["hz"]);
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        assert!(names(&["", "nope", "[]", "max\\memory", "maxmemory\0"]).is_empty());
    }

    #[test]
    fn a_star_gives_every_name_once() {
        let all = names(&["*", "*"]);
        let shown = table::rows().filter(|row| !row.flags.is_hidden);
        let expected: Vec<&str> = shown.flat_map(super::super::option::Row::names).collect();
        assert_eq!(all, expected);
        assert_eq!(names(&["key-load-delay"]), ["key-load-delay"], "hidden, but not from who knows it");
    }
}
