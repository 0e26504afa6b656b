//! What the line editor offers while a command is typed: names, and which arguments are still to come.

use std::borrow::Cow;

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use crate::docs::CommandDoc;
use crate::help::GROUPS;
use crate::quote::{QuoteError, split_line};

/// The helper of the line editor.
pub struct Assistant {
    /// What is known of the commands.
    pub docs: Vec<CommandDoc>,
    /// Whether arguments are hinted at.
    pub shows_hints: bool,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = line.get(..pos).unwrap_or(line);
        let (topic, start) = match help_topic(typed) {
            Some(topic) => (Some(topic), pos - topic.len()),
            None => (None, 0),
        };
        let wanted = topic.unwrap_or(typed);
        let groups = GROUPS.iter().filter(|_| topic.is_some()).map(|group| format!("@{group}"));
        let names = self.docs.iter().map(|doc| doc.name.to_string());
        Ok((start, groups.chain(names).filter(|name| begins_with(name, wanted)).collect()))
    }
}

/// What is typed behind `help `.
fn help_topic(typed: &str) -> Option<&str> {
    let (word, topic) = typed.split_once(' ')?;
    matches!(word.to_ascii_lowercase().as_str(), "help" | "?").then(|| topic.trim_start())
}

fn begins_with(name: &str, start: &str) -> bool {
    name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<String> {
        if self.shows_hints && pos == line.len() { self.hint_for(line) } else { None }
    }
}

impl Assistant {
    /// The arguments that the command in `line` still lacks.
    fn hint_for(&self, line: &str) -> Option<String> {
        let words = split_line(line.as_bytes()).ok()?;
        let ends_word = line.ends_with(' ');
        let (doc, matched) = self.best_match(&words, ends_word)?;
        let rest = without_typed(&doc.arguments, words.len() - matched);
        if rest.is_empty() {
            return None;
        }
        Some(if ends_word { rest.to_owned() } else { format!(" {rest}") })
    }

    /// The longest command name that the line begins with, and how many words it has.
    fn best_match(&self, words: &[Vec<u8>], ends_word: bool) -> Option<(&CommandDoc, usize)> {
        let length = |doc: &CommandDoc| {
            let name: Vec<&str> = doc.name.split(' ').collect();
            let equal = name.iter().zip(words).all(|(part, word)| part.as_bytes().eq_ignore_ascii_case(word));
            // A name that is just being typed may become a longer one; it is matched all the same.
            (equal && name.len() <= words.len() && (ends_word || !words.is_empty())).then_some(name.len())
        };
        self.docs.iter().filter_map(|doc| Some((doc, length(doc)?))).max_by_key(|(_, length)| *length)
    }
}

/// `arguments` without the first `typed` that have to be there. What stands in brackets stays, and all behind it.
fn without_typed(arguments: &str, typed: usize) -> &str {
    let mut rest = arguments;
    for _ in 0..typed {
        if rest.starts_with('[') {
            break;
        }
        rest = rest.split_once(' ').map_or("", |(_, rest)| rest);
    }
    rest
}

impl Highlighter for Assistant {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("\x1b[0;90;49m{hint}\x1b[0m"))
    }
}

impl Validator for Assistant {
    /// A line that ends amid quotes goes on with the next.
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match split_line(context.input().as_bytes()) {
            Err(QuoteError::Open) => ValidationResult::Incomplete,
            _ => ValidationResult::Valid(None),
        })
    }
}

#[cfg(test)]
mod tests {
    use rustyline::history::DefaultHistory;

    use super::*;

    fn assistant() -> Assistant {
        let doc = |name, arguments| CommandDoc::fixed(name, arguments, "", "", "");
        let docs = vec![
            doc("CONFIG", ""),
            doc("CONFIG GET", "parameter [parameter ...]"),
            doc("SET", "key value [NX|XX] [EX seconds]"),
            doc("SETEX", "key seconds value"),
        ];
        Assistant { docs, shows_hints: true }
    }

    #[test]
    fn hints_at_what_is_to_come() {
        let cases = [
            ("se", None),
            ("set", Some(" key value [NX|XX] [EX seconds]")),
            ("SET ", Some("key value [NX|XX] [EX seconds]")),
            ("set a", Some(" value [NX|XX] [EX seconds]")),
            ("set a b", Some(" [NX|XX] [EX seconds]")),
            ("set a b nx ", Some("[NX|XX] [EX seconds]")),
            ("config", None),
            ("config get ", Some("parameter [parameter ...]")),
            ("setex a 1 b ", None),
            ("set \"a", None),
        ];
        for (line, hint) in cases {
            assert_eq!(assistant().hint_for(line).as_deref(), hint, "{line:?}");
        }
    }

    #[test]
    fn completes_names_and_help_topics() {
        let history = DefaultHistory::new();
        let complete =
            |line: &str| assistant().complete(line, line.len(), &Context::new(&history)).expect("offered");
        assert_eq!(complete("se"), (0, vec!["SET".into(), "SETEX".into()]));
        assert_eq!(complete("config g"), (0, vec!["CONFIG GET".into()]));
        assert_eq!(
            complete("help @str"),
            (
                5,
                vec!["@string".into(), "@stream".into()]
                    .into_iter()
                    .filter(|name: &String| name.starts_with("@str"))
                    .collect()
            )
        );
        assert_eq!(complete("help sete"), (5, vec!["SETEX".into()]));
        assert_eq!(complete("nosuch").1.len(), 0);
    }
}
