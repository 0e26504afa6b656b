//! Reads what a server answers to COMMAND DOCS.

use resp::value::Value;

use super::CommandDoc;
use super::spelling::{Argument, Content, spelled};

/// The documentation in a reply; none if it is another reply, or an empty one.
pub fn read(reply: &Value) -> Option<Vec<CommandDoc>> {
    let mut docs = Vec::new();
    read_commands(reply, &mut docs)?;
    Some(docs).filter(|docs| !docs.is_empty())
}

fn read_commands(commands: &Value, docs: &mut Vec<CommandDoc>) -> Option<()> {
    for (name, facts) in commands.as_pairs()? {
        docs.push(CommandDoc {
            name: text(name).to_uppercase().replace('|', " ").into(),
            summary: field(facts, "summary").map(text).unwrap_or_default().into(),
            arguments: field(facts, "arguments").map(arguments).unwrap_or_default().into(),
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

fn arguments(list: &Value) -> String {
    spelled(&read_arguments(list))
}

fn read_arguments(list: &Value) -> Vec<Argument> {
    list.as_elements().unwrap_or_default().iter().map(read_argument).collect()
}

fn read_argument(argument: &Value) -> Argument {
    let inner = || field(argument, "arguments").map(read_arguments).unwrap_or_default();
    let kind = field(argument, "type").map(text).unwrap_or_default();
    let flags = field(argument, "flags").and_then(Value::as_elements).unwrap_or_default();
    let has = |flag: &str| flags.iter().any(|have| text(have).eq_ignore_ascii_case(flag));
    Argument {
        token: field(argument, "token").map(|token| text(token).into()),
        content: match kind.as_str() {
            "oneof" => Content::OneOf(inner()),
            "block" => Content::Block(inner()),
            "pure-token" => Content::Nothing,
            _ => {
                let name = field(argument, "display_text").or(field(argument, "name"));
                Content::Word(name.map(text).unwrap_or_default().into())
            }
        },
        is_optional: has("optional"),
        is_multiple: has("multiple"),
        repeats_token: has("multiple_token"),
    }
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
            assert_eq!(spelled(&[read_argument(&argument)]), text);
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
        assert_eq!(spelled(&[read_argument(&argument)]), "GET k [GET k ...]");
    }

    #[test]
    fn reads_subcommands_behind_their_container() {
        let docs = read(&reply(
            "( config ( summary Container. group server since 2.0.0 subcommands ( config|get ( summary Read. group server arguments ( ( name p ) ) ) ) ) )",
        ))
        .expect("well formed");
        let shown: Vec<_> = docs.iter().map(|doc| format!("{} {}", doc.name, doc.arguments)).collect();
        assert_eq!(shown, ["CONFIG ", "CONFIG GET p"]);
        assert_eq!(read(&Value::Error(b"ERR".to_vec())), None);
        assert_eq!(read(&Value::Array(vec![])), None);
    }
}
