//! What the program does besides reading commands, one way a file.

use crate::Failure;
use crate::args::Options;
use crate::connect::{Connection, LinkError};
use crate::session::Session;

pub mod command;
pub mod copy;
pub mod latency;
pub mod latency_distribution;
pub mod migrate_from;
pub mod pipe;
pub mod replication;
pub mod scan;
pub mod stat;

/// A connection for a mode that is of no use when the server refuses us.
fn open(options: &Options) -> Result<Session, Failure> {
    let mut session = Session::new(options);
    match session.connect() {
        Ok(None) => Ok(session),
        Ok(Some(refusal)) => Err(Failure::Message(refusal)),
        Err(unreachable) => Err(Failure::Message(unreachable.0)),
    }
}

fn connection(session: &mut Session) -> Result<&mut Connection, Failure> {
    session.connection().ok_or(Failure::Told)
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        Failure::Message(error.to_string())
    }
}
