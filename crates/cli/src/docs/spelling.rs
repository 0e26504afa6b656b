//! Arguments as text: `key value [NX|XX] [EX seconds]`.

use std::borrow::Cow;

/// One argument of a command, or a group of them.
pub struct Argument {
    /// The word before it.
    pub token: Option<Cow<'static, str>>,
    /// What stands there.
    pub content: Content,
    /// It may be left out.
    pub is_optional: bool,
    /// It may come again.
    pub is_multiple: bool,
    /// Its token comes again with it.
    pub repeats_token: bool,
}

/// What stands at an argument's place.
pub enum Content {
    /// Only its token.
    Nothing,
    /// What this word stands for.
    Word(Cow<'static, str>),
    /// One of these.
    OneOf(Vec<Argument>),
    /// All of these.
    Block(Vec<Argument>),
}

/// The arguments, one after the other.
pub fn spelled(arguments: &[Argument]) -> String {
    joined(arguments, " ")
}

fn joined(arguments: &[Argument], separator: &str) -> String {
    let arguments: Vec<String> = arguments.iter().map(spelled_one).collect();
    arguments.join(separator)
}

/// One argument: its token and name, in brackets when it may be left out, repeated when it may come again.
fn spelled_one(argument: &Argument) -> String {
    let name = match &argument.content {
        Content::Nothing => String::new(),
        Content::Word(word) => word.to_string(),
        Content::OneOf(choices) => joined(choices, "|"),
        Content::Block(parts) => joined(parts, " "),
    };
    let token = argument.token.as_deref().map(|token| if token.is_empty() { "\"\"" } else { token });
    let one = [token.unwrap_or_default(), &name].join(" ").trim().to_owned();
    let whole = match (argument.is_multiple, argument.repeats_token) {
        (true, true) => format!("{one} [{one} ...]"),
        (true, false) => format!("{one} [{name} ...]"),
        (false, _) => one,
    };
    if argument.is_optional { format!("[{whole}]") } else { whole }
}
