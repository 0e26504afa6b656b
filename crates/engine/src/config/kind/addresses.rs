//! The addresses to listen on.

use super::{Given, Kind, as_text, written_word};
use crate::config::Refusal;
use crate::config::option::Arguments;

/// Up to 16 addresses. One with a dash before it may be absent on this machine. None at all: no TCP.
pub enum Addresses {}

impl Addresses {
    const MAX: usize = 16;
}

impl Kind for Addresses {
    type Value = Vec<String>;

    const ARGUMENTS: Arguments = Arguments::Several;

    fn parse(given: &Given<'_, Vec<String>>) -> Result<Vec<String>, Refusal> {
        if given.words.len() > Self::MAX {
            return Err(Refusal::new("Too many bind addresses specified."));
        }
        let words = given.words.iter().filter(|word| !word.is_empty());
        words.map(|word| as_text(word).map(str::to_owned)).collect()
    }

    fn print(value: &Vec<String>) -> Vec<u8> {
        value.join(" ").into_bytes()
    }

    fn write(value: &Vec<String>) -> Vec<u8> {
        if value.is_empty() {
            return b"\"\"".to_vec();
        }
        let words: Vec<String> = value.iter().map(|address| written_word(address)).collect();
        words.join(" ").into_bytes()
    }

    fn accepts() -> String {
        format!("up to {} addresses", Self::MAX)
    }
}
