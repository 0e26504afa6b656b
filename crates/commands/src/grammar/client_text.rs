//! What a client calls itself and its library: printable, and without spaces, so that CLIENT LIST can be parsed.

use engine::command::Stop;

/// A text that CLIENT LIST can show.
#[derive(Clone, Copy)]
pub(crate) struct ClientText<'a>(&'a [u8]);

impl<'a> ClientText<'a> {
    /// A name of the client.
    pub(crate) fn name(text: &'a [u8]) -> Result<Self, Stop> {
        let refusal = "ERR Client names cannot contain spaces, newlines or special characters.";
        ClientText::checked(text).ok_or(Stop::error(refusal))
    }

    /// A text without blanks and control characters.
    pub(crate) fn checked(text: &'a [u8]) -> Option<Self> {
        text.iter().all(u8::is_ascii_graphic).then_some(ClientText(text))
    }

    /// The text itself.
    pub(crate) fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }
}
