//! The writer of INFO: sections, and fields under the names that Redis has.

use std::fmt::{Display, Write};

/// Collects the text of INFO.
#[derive(Debug, Default)]
pub struct InfoWriter {
    text: String,
}

impl InfoWriter {
    /// Begins a section: an empty line before it unless it is the first, and its title.
    pub fn section(&mut self, title: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\r\n");
        }
        let _ = write!(self.text, "# {title}\r\n");
    }

    /// One field.
    pub fn field(&mut self, name: &str, value: impl Display) {
        let _ = write!(self.text, "{name}:{value}\r\n");
    }

    /// A field that is 1 or 0.
    pub fn flag(&mut self, name: &str, value: bool) {
        self.field(name, u8::from(value));
    }

    /// A size in bytes, and the same for people to read.
    pub fn size(&mut self, name: &str, bytes: u64) {
        self.field(name, bytes);
        self.field(&format!("{name}_human"), stdx::bytes::human_bytes(bytes));
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }
}
