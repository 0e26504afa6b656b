//! The documentation built into the program, for when no server answers COMMAND DOCS: that of Ochre's own commands.

use commands::documentation::{Arg, ArgKind, DOCUMENTATION, Documentation};

use super::CommandDoc;
use super::spelling::{Argument, Content, spelled};

/// All commands that Ochre has.
pub fn docs() -> Vec<CommandDoc> {
    DOCUMENTATION.iter().map(doc).collect()
}

fn doc(command: &Documentation) -> CommandDoc {
    CommandDoc {
        name: match command.container {
            Some(container) => format!("{container} {}", command.name).into(),
            None => command.name.into(),
        },
        summary: command.summary.into(),
        arguments: spelled(&arguments(command.args)).into(),
        group: command.group.name().into(),
        since: command.since.into(),
    }
}

fn arguments(list: &[Arg]) -> Vec<Argument> {
    list.iter().map(argument).collect()
}

fn argument(arg: &Arg) -> Argument {
    Argument {
        token: arg.token.map(Into::into),
        content: match arg.kind {
            ArgKind::PureToken => Content::Nothing,
            ArgKind::OneOf(choices) => Content::OneOf(arguments(choices)),
            ArgKind::Block(parts) => Content::Block(arguments(parts)),
            _ => Content::Word(arg.display.unwrap_or(arg.name).into()),
        },
        is_optional: arg.optional,
        is_multiple: arg.multiple,
        repeats_token: arg.multiple_token,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_subcommands_are_spelled_as_a_server_would() {
        let docs = docs();
        let spelled = |name: &str| {
            let doc = docs.iter().find(|doc| doc.name == name).expect("built in");
            (doc.arguments.to_string(), doc.group.to_string())
        };
        assert!(docs.len() > 100, "{}", docs.len());
        assert_eq!(spelled("DEL"), ("key [key ...]".to_owned(), "generic".to_owned()));
        assert_eq!(spelled("CONFIG GET").0, "parameter [parameter ...]");
        assert_eq!(spelled("MSET").0, "key value [key value ...]");
        assert_eq!(spelled("PING"), ("[message]".to_owned(), "connection".to_owned()));
    }
}
