//! Looking ahead: what a request will read is fetched while others are looked at, step by step.

use super::dispatch::Prepared;
use crate::client::session::Session;
use crate::command::element::ElementPlace;
use crate::engine::Node;
use keyspace::{Ahead, Sought};
use resp::request::Request;

/// An element that is being looked for ahead of its request.
pub struct ElementAhead<'a> {
    ahead: Ahead<'a>,
    sought: Sought<'a>,
}

impl<'a> ElementAhead<'a> {
    /// Begins for a request that looks an element up in its first key's value, whose entry has been asked for.
    #[inline]
    pub fn new(
        node: &'a Node,
        session: &Session,
        request: Request<'a>,
        prepared: Prepared,
    ) -> Option<ElementAhead<'a>> {
        let place = prepared.command?.element?;
        let ahead = node.keyspace.look_ahead(session.database, prepared.key_hash?)?;
        Some(ElementAhead { ahead, sought: sought(place, request) })
    }

    /// Asks for what comes next; none when that was all.
    #[inline]
    pub fn step(self) -> Option<ElementAhead<'a>> {
        let ElementAhead { ahead, sought } = self;
        Some(ElementAhead { ahead: ahead.step(sought)?, sought })
    }
}

#[inline]
fn sought(place: ElementPlace, request: Request<'_>) -> Sought<'_> {
    match place {
        ElementPlace::Word(word) => Sought { element: request.word(word), score: None },
        ElementPlace::Last { is_scored } => {
            let last = request.len() - 1;
            let score = if is_scored { stdx::number::parse_f64(request.word(last - 1)) } else { None };
            Sought { element: request.word(last), score }
        }
    }
}
