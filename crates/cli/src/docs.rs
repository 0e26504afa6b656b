//! What is known of each command, for help, hints and completion: asked of the server, or built in.

use std::borrow::Cow;

use crate::session::Session;

mod built_in;
mod server_reply;
mod spelling;

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

#[cfg(test)]
impl CommandDoc {
    /// An entry of a test's table.
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

/// What the server says of its commands, sorted by name; what is built in when it says nothing.
pub fn load(session: &mut Session) -> Vec<CommandDoc> {
    let asked = if session.is_in_transaction() { None } else { session.connection() };
    let reply = asked.and_then(|connection| connection.ask(&["COMMAND", "DOCS"]).ok());
    let mut docs = reply.as_ref().and_then(server_reply::read).unwrap_or_else(built_in::docs);
    docs.sort_by(|left, right| left.name.cmp(&right.name));
    docs
}
