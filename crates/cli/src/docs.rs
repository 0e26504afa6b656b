//! What is known of each command, for help, hints and completion: asked of the server, or built in.

use std::borrow::Cow;

use resp::value::Value;

use crate::command_table::BUILT_IN;
use crate::session::Session;

/// The documentation of one command or subcommand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandDoc {
    /// In upper case; a subcommand stands behind its container: `CONFIG GET`.
    pub name: Cow<'static, str>,
    /// One sentence.
    pub summary: Cow<'static, str>,
    /// How to call it, without the name: `key value [NX|XX]`.
    pub arguments: Cow<'static, str>,
    /// The group, such as `string` or `sorted-set`.
    pub group: Cow<'static, str>,
    /// The version that brought it.
    pub since: Cow<'static, str>,
}

impl CommandDoc {
    /// An entry of a table.
    #[must_use]
    pub const fn fixed(
        name: &'static str,
        arguments: &'static str,
        summary: &'static str,
        group: &'static str,
        since: &'static str,
    ) -> CommandDoc {
        CommandDoc {
            name: Cow::Borrowed(name),
            summary: Cow::Borrowed(summary),
            arguments: Cow::Borrowed(arguments),
            group: Cow::Borrowed(group),
            since: Cow::Borrowed(since),
        }
    }
}

/// What the server says of its commands, sorted by name; the built-in table when it says nothing.
pub fn load(session: &mut Session) -> Vec<CommandDoc> {
    let asked = if session.is_in_transaction() { None } else { session.connection() };
    let reply = asked.and_then(|connection| connection.ask(&["COMMAND", "DOCS"]).ok());
    let mut docs = reply.as_ref().and_then(read_docs).unwrap_or_else(|| BUILT_IN.to_vec());
    docs.sort_by(|left, right| left.name.cmp(&right.name));
    docs
}

fn read_docs(reply: &Value) -> Option<Vec<CommandDoc>> {
    let mut docs = Vec::new();
    read_commands(reply, &mut docs)?;
    Some(docs).filter(|docs| !docs.is_empty())
}

fn read_commands(commands: &Value, docs: &mut Vec<CommandDoc>) -> Option<()> {
    for (name, facts) in commands.as_pairs()? {
        docs.push(CommandDoc {
            name: text(name).to_uppercase().replace('|', " ").into(),
            summary: field(facts, "summary").map(text).unwrap_or_default().into(),
            arguments: field(facts, "arguments").map(arguments_text).unwrap_or_default().into(),
            group: field(facts, "group").map(text).unwrap_or_default().into(),
            since: field(facts, "since").map(text).unwrap_or_default().into(),
        });
        if let Some(subcommands) = field(facts, "subcommands") {
            read_commands(subcommands, docs)?;
        }
    }
    Some(())
}

fn field<'a>(facts: &'a Value, name: &str) -> Option<&'a Value> {
    let is_named = |key: &Value| key.as_bytes() == Some(name.as_bytes());
    facts.as_pairs()?.into_iter().find(|(key, _)| is_named(key)).map(|(_, value)| value)
}

fn text(value: &Value) -> String {
    value.as_bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

fn arguments_text(arguments: &Value) -> String {
    joined(arguments, " ")
}

fn joined(arguments: &Value, separator: &str) -> String {
    let arguments: Vec<String> =
        arguments.as_elements().unwrap_or_default().iter().map(argument_text).collect();
    arguments.join(separator)
}

/// One argument: its token and name, in brackets when it may be left out, repeated when it may come again.
fn argument_text(argument: &Value) -> String {
    let inner = |separator: &str| {
        field(argument, "arguments").map(|list| joined(list, separator)).unwrap_or_default()
    };
    let kind = field(argument, "type").map(text).unwrap_or_default();
    let name = match kind.as_str() {
        "oneof" => inner("|"),
        "block" => inner(" "),
        "pure-token" => String::new(),
        _ => field(argument, "display_text").or(field(argument, "name")).map(text).unwrap_or_default(),
    };
    let token = field(argument, "token").map(|token| match text(token) {
        token if token.is_empty() => "\"\"".to_owned(),
        token => token,
    });
    let flags = field(argument, "flags").and_then(Value::as_elements).unwrap_or_default();
    let has = |flag: &str| flags.iter().any(|have| text(have).eq_ignore_ascii_case(flag));
    let one = [token.clone().unwrap_or_default(), name.clone()].join(" ").trim().to_owned();
    let whole = match (has("multiple"), has("multiple_token")) {
        (true, true) => format!("{one} [{one} ...]"),
        (true, false) => format!("{one} [{name} ...]"),
        (false, _) => one,
    };
    if has("optional") { format!("[{whole}]") } else { whole }
}

#[cfg(test)]
mod tests {
    use resp::value::parse;

    use super::*;

    /// RESP from words: `(` and `)` enclose an array.
    fn reply(words: &str) -> Value {
        let mut open: Vec<Vec<Value>> = vec![Vec::new()];
        for word in words.split_whitespace() {
            let value = match word {
                "(" => {
                    open.push(Vec::new());
                    continue;
                }
                ")" => Value::Array(open.pop().expect("balanced")),
                word => Value::Bulk(word.replace('_', " ").into_bytes()),
            };
            open.last_mut().expect("balanced").push(value);
        }
        open.pop().and_then(|mut values| values.pop()).expect("one value")
    }

    #[test]
    fn spells_arguments() {
        let cases = [
            ("( name key type key )", "key"),
            ("( name x type pure-token token NX flags ( optional ) )", "[NX]"),
            ("( name key type key flags ( multiple ) )", "key [key ...]"),
            ("( name n type string token N flags ( multiple ) )", "N n [n ...]"),
            (
                "( name g type block flags ( optional multiple ) arguments ( ( name a ) ( name b ) ) )",
                "[a b [a b ...]]",
            ),
            (
                "( name c type oneof token BY flags ( optional ) arguments ( ( name x type pure-token token X ) ( name y ) ) )",
                "[BY X|y]",
            ),
            ("( name id type string display_text the-id )", "the-id"),
        ];
        for (argument, text) in cases {
            // Field and flag names have underscores of their own.
            let argument = reply(argument);
            let argument = match &argument {
                Value::Array(words) => Value::Array(words.iter().map(restore_underscore).collect()),
                other => other.clone(),
            };
            assert_eq!(argument_text(&argument), text);
        }
    }

    fn restore_underscore(word: &Value) -> Value {
        match word {
            Value::Bulk(text) if text == b"display text" => Value::Bulk(b"display_text".to_vec()),
            other => other.clone(),
        }
    }

    #[test]
    fn a_token_that_repeats_is_spelled_each_time() {
        let bytes =
            b"*6\r\n+name\r\n+k\r\n+token\r\n+GET\r\n+flags\r\n*2\r\n+multiple\r\n+multiple_token\r\n";
        let (argument, _) = parse(bytes).expect("RESP").expect("whole");
        assert_eq!(argument_text(&argument), "GET k [GET k ...]");
    }

    #[test]
    fn reads_subcommands_behind_their_container() {
        let docs = read_docs(&reply(
            "( config ( summary Container. group server since 2.0.0 subcommands ( config|get ( summary Read. group server arguments ( ( name p ) ) ) ) ) )",
        ))
        .expect("well formed");
        let shown: Vec<_> = docs.iter().map(|doc| format!("{} {}", doc.name, doc.arguments)).collect();
        assert_eq!(shown, ["CONFIG ", "CONFIG GET p"]);
        assert_eq!(read_docs(&Value::Error(b"ERR".to_vec())), None);
        assert_eq!(read_docs(&Value::Array(vec![])), None);
    }
}
