//! Publish and subscribe.

mod publish;
#[expect(clippy::module_inception, reason = "the container PUBSUB of the group of that name")]
mod pubsub;
mod subscribe;
mod unsubscribe;

use engine::command::Command;

/// Every command of the group.
pub const COMMANDS: &[&[Command]] =
    &[publish::COMMANDS, pubsub::COMMANDS, subscribe::COMMANDS, unsubscribe::COMMANDS];
