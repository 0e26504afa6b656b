//! Replies as text: which form, and what stands between replies.

use resp::value::Value;

mod csv;
mod json;
mod raw;
mod tty;

/// How replies are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// With types and numbering, for people.
    Tty,
    /// The bytes alone, for programs.
    Raw,
    /// Comma-separated values.
    Csv,
    /// JSON, text as it is.
    Json,
    /// JSON whose strings hold only ASCII.
    QuotedJson,
}

/// Prints replies in one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatter {
    /// The form.
    pub form: Form,
    /// Between the elements of a raw reply.
    pub element_delimiter: Vec<u8>,
    /// Behind a raw reply.
    pub reply_delimiter: Vec<u8>,
}

impl Formatter {
    /// A formatter with the usual newlines.
    #[must_use]
    pub fn new(form: Form) -> Formatter {
        Formatter { form, element_delimiter: b"\n".to_vec(), reply_delimiter: b"\n".to_vec() }
    }

    /// A reply and what ends it. `is_text` tells that the reply is text for people, printed as it is in every form.
    #[must_use]
    pub fn format(&self, reply: &Value, is_text: bool) -> Vec<u8> {
        let mut output = Vec::new();
        match self.form {
            _ if is_text => {
                raw::append(&mut output, reply, &self.element_delimiter);
                return output;
            }
            Form::Tty => {
                tty::append(&mut output, reply, b"");
                return output;
            }
            Form::Raw => {
                raw::append(&mut output, reply, &self.element_delimiter);
                output.extend_from_slice(&self.reply_delimiter);
                return output;
            }
            Form::Csv => csv::append(&mut output, reply),
            Form::Json => json::append(&mut output, reply, json::append_string),
            Form::QuotedJson => json::append(&mut output, reply, json::append_ascii_string),
        }
        output.push(b'\n');
        output
    }

    /// A push message that came between replies.
    #[must_use]
    pub fn format_push(&self, push: &Value) -> Vec<u8> {
        match (self.form, tty::invalidated_keys(push)) {
            (Form::Tty, Some(line)) => line,
            _ => self.format(push, false),
        }
    }
}

#[cfg(test)]
mod tests;
