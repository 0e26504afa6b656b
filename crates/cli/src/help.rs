//! The answers to `help` and `?`.

use crate::docs::CommandDoc;

/// The groups in the order that redis-cli lists them; the position is of no meaning.
pub const GROUPS: [&str; 16] = [
    "generic",
    "string",
    "list",
    "set",
    "sorted-set",
    "hash",
    "pubsub",
    "transactions",
    "connection",
    "server",
    "scripting",
    "hyperloglog",
    "cluster",
    "geo",
    "stream",
    "bitmap",
];

const OVERVIEW: &str = concat!(
    "ochre-cli ",
    env!("CARGO_PKG_VERSION"),
    "\nTo get help about Redis commands type:\n",
    "      \"help @<group>\" to get a list of commands in <group>\n",
    "      \"help <command>\" for help on <command>\n",
    "      \"help <tab>\" to get a list of possible help topics\n",
    "      \"quit\" to exit\n",
    "\n",
    "To set ochre-cli preferences:\n",
    "      \":set hints\" enable online hints\n",
    "      \":set nohints\" disable online hints\n",
    "Set your preferences in ~/.ochreclirc\n",
);

/// The text for `help` with these words behind it.
pub fn answer(docs: &[CommandDoc], words: &[Vec<u8>]) -> Vec<u8> {
    let words: Vec<String> = words.iter().map(|word| String::from_utf8_lossy(word).to_lowercase()).collect();
    let Some(first) = words.first() else { return OVERVIEW.into() };
    let group = first.strip_prefix('@').filter(|_| words.len() == 1);
    let mut text = String::new();
    for doc in docs {
        let is_asked = match group {
            Some(group) => doc.group.replace('_', "-").eq_ignore_ascii_case(group),
            None => is_named(doc, &words),
        };
        if is_asked {
            text.push_str(&entry(doc, group.is_none()));
        }
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// True when the command's name begins with the words.
fn is_named(doc: &CommandDoc, words: &[String]) -> bool {
    let mut name = doc.name.split(' ');
    words.iter().all(|word| name.next().is_some_and(|part| part.eq_ignore_ascii_case(word)))
}

fn entry(doc: &CommandDoc, with_group: bool) -> String {
    let CommandDoc { name, summary, arguments, group, since } = doc;
    let mut text = format!("\r\n  \x1b[1m{name}\x1b[0m \x1b[90m{arguments}\x1b[0m\r\n");
    text.push_str(&format!("  \x1b[33msummary:\x1b[0m {summary}\r\n  \x1b[33msince:\x1b[0m {since}\r\n"));
    if with_group {
        text.push_str(&format!("  \x1b[33mgroup:\x1b[0m {group}\r\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(words: &str) -> String {
        let docs = [
            CommandDoc::fixed("CONFIG", "", "Holds the settings.", "server", "2.0.0"),
            CommandDoc::fixed("CONFIG GET", "name", "Reads a setting.", "server", "2.0.0"),
            CommandDoc::fixed("GET", "key", "Reads a key.", "string", "1.0.0"),
        ];
        let words: Vec<Vec<u8>> = words.split_whitespace().map(|word| word.as_bytes().to_vec()).collect();
        let answer = String::from_utf8(answer(&docs, &words)).expect("text");
        answer.replace("\x1b[0m", "").replace("\x1b[1m", "*").replace("\x1b[90m", "").replace("\x1b[33m", "")
    }

    #[test]
    fn explains_a_command() {
        let text = "\r\n  *GET key\r\n  summary: Reads a key.\r\n  since: 1.0.0\r\n  group: string\r\n\r\n";
        assert_eq!(ask("get"), text);
    }

    #[test]
    fn a_container_brings_its_subcommands_and_a_group_its_commands() {
        assert_eq!(ask("config").matches('*').count(), 2);
        assert_eq!(ask("Config get").matches('*').count(), 1);
        assert_eq!(ask("@server").matches('*').count(), 2);
        assert!(!ask("@server").contains("group:"));
        assert_eq!(ask("nosuch"), "\r\n");
        assert!(ask("").starts_with("ochre-cli "));
    }
}
