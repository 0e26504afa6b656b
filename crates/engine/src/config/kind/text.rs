//! Plain text.

use stdx::bytes::quoted;

use super::{Given, Kind};
use crate::config::Refusal;

/// One word of UTF-8 text; empty stands for none.
pub enum Text {}

impl Kind for Text {
    type Value = String;

    fn parse(given: &Given<'_, String>) -> Result<String, Refusal> {
        given.text().map(str::to_owned)
    }

    fn print(value: &String) -> Vec<u8> {
        value.clone().into_bytes()
    }

    fn write(value: &String) -> Vec<u8> {
        quoted(value.as_bytes()).into_bytes()
    }

    fn accepts() -> String {
        "text, or \"\" for none".to_owned()
    }
}
