//! What the file of a command needs: its declaration, its arguments, its context.

pub(crate) use engine::command::args::Args;
pub(crate) use engine::command::categories::Categories;
pub(crate) use engine::command::docs::Arg;
pub(crate) use engine::command::flags::*;
pub(crate) use engine::command::key_spec::KeySpec;
pub(crate) use engine::command::spec::{Arity, Group, Spec};
pub(crate) use engine::command::{Command, Stop, WaitOn};
pub(crate) use engine::execute::context::Context;
pub(crate) use keyspace::{Event, Lookup, NewExpiry};
