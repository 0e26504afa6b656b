//! What a command says of itself, and the cursor with which it reads its arguments.

pub mod args;
pub mod categories;
pub mod docs;
pub mod element;
pub mod flags;
pub mod index;
pub mod key_spec;
pub mod spec;

use crate::execute::context::Context;
use categories::Categories;
use spec::Spec;
use std::borrow::Cow;

/// A command: what it says of itself and the function that runs it.
#[derive(Clone, Copy)]
pub struct Command {
    /// Name, arity, flags, keys, documentation.
    pub spec: Spec,
    /// Runs the command. A container's own function is never called when a subcommand matches.
    pub run: Handler,
    /// The subcommands of a container.
    pub subcommands: &'static [Command],
}

impl Command {
    /// All ACL categories of the command. A container has none of its group's: its subcommands have them.
    pub fn categories(&self) -> Categories {
        let spec = &self.spec;
        let is_own = spec.in_group_category && self.subcommands.is_empty();
        let group = if is_own { spec.group.category() } else { Categories::NONE };
        group.and(Categories::of_flags(spec.group, spec.flags)).and(spec.categories)
    }
}

/// The function of a container that does nothing without a subcommand: its arity refuses a request before.
pub fn only_subcommands(_: &mut Context<'_>, _: args::Args<'_>) -> Result<(), Stop> {
    Err(Stop::SYNTAX)
}

/// The function behind a command.
pub type Handler = fn(&mut Context<'_>, args::Args<'_>) -> Result<(), Stop>;

/// Why a command ended without its reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The reply is this error: code, space, text.
    Error(Cow<'static, [u8]>),
    /// The reply comes later: the same request runs again when what it waits for has come.
    Wait(WaitOn),
}

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOn {
    /// Acknowledgements (WAIT, WAITAOF): looked at after each acknowledgement and at the deadline.
    Acknowledgements {
        /// Monotonic time at which waiting ends, in milliseconds; 0 for never.
        deadline_ms: u64,
    },
    /// A change of one of the keys that it left with [`crate::blocking::Blocking`].
    Keys,
    /// The end of CLIENT PAUSE.
    PauseEnd,
    /// The process: it carries out a request at the end of the turn and answers for the command.
    Process,
    /// Keys that are on their way to another server (MIGRATE).
    Migration,
}

impl Stop {
    /// An error with a constant text.
    pub const fn error(text: &'static str) -> Stop {
        Stop::Error(Cow::Borrowed(text.as_bytes()))
    }

    /// An error that quotes bytes of the client, up to a NUL as Redis's format strings do.
    pub fn quoting(before: &str, bytes: &[u8], after: &str) -> Stop {
        Stop::Error(Cow::Owned([before.as_bytes(), until_nul(bytes), after.as_bytes()].concat()))
    }

    /// Redis's syntax error.
    pub const SYNTAX: Stop = Stop::error("ERR syntax error");
    /// An argument that should be an integer is not.
    pub const NOT_AN_INTEGER: Stop = Stop::error("ERR value is not an integer or out of range");
    /// An argument that should be a float is not.
    pub const NOT_A_FLOAT: Stop = Stop::error("ERR value is not a valid float");
    /// The key holds another type.
    pub const WRONG_TYPE: Stop =
        Stop::error("WRONGTYPE Operation against a key holding the wrong kind of value");
    /// The key must exist and does not.
    pub const NO_SUCH_KEY: Stop = Stop::error("ERR no such key");
}

/// The bytes before the first NUL.
pub fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

impl From<String> for Stop {
    fn from(text: String) -> Self {
        Stop::Error(Cow::Owned(text.into_bytes()))
    }
}

impl From<keyspace::WrongType> for Stop {
    fn from(_: keyspace::WrongType) -> Self {
        Stop::WRONG_TYPE
    }
}
