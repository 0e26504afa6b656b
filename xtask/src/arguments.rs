//! The options of a command: `--name VALUE` and `--name`.

/// The options that were given, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    given: Vec<(String, String)>,
}

impl Arguments {
    /// Reads `words`: those of `with_value` take the next word, those of `alone` stand for themselves.
    ///
    /// # Errors
    ///
    /// A sentence about a word that is neither, or about an option without its value.
    pub fn parse(
        words: impl Iterator<Item = String>,
        with_value: &[&str],
        alone: &[&str],
    ) -> Result<Self, String> {
        let mut given = Vec::new();
        let mut words = words;
        while let Some(name) = words.next() {
            if alone.contains(&name.as_str()) {
                given.push((name, String::new()));
            } else if with_value.contains(&name.as_str()) {
                let value = words.next().ok_or_else(|| format!("{name} needs a value"))?;
                given.push((name, value));
            } else {
                return Err(format!("unknown option {name}"));
            }
        }
        Ok(Self { given })
    }

    /// The value of an option, the last one given.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.given.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Whether an option was given.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The value of an option as a number.
    ///
    /// # Errors
    ///
    /// A sentence, if it is none.
    pub fn number(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(text) = self.value(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("{name} wants a number, not {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned), &["--filter", "--keys"], &["--help"])
    }

    #[test]
    fn the_last_value_counts() {
        let given = parse("--filter a --help --filter b --keys 12").expect("all known");
        assert_eq!(given.value("--filter"), Some("b"));
        assert!(given.has("--help"));
        assert_eq!(given.number("--keys"), Ok(Some(12)));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert_eq!(parse("--fitler a"), Err("unknown option --fitler".to_owned()));
        assert_eq!(parse("--filter"), Err("--filter needs a value".to_owned()));
        assert!(parse("--keys many").expect("known").number("--keys").is_err());
    }
}
