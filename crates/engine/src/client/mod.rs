//! Clients: the session a worker holds for each, and the registry through which others see them.

pub mod card;
pub mod kept_room;
pub mod outbox;
pub mod registry;
pub mod session;
pub mod transaction;
pub mod watch;
