//! A switch.

use super::{Given, Kind};
use crate::config::Refusal;

/// `yes` or `no`, in any case.
pub enum YesNo {}

impl Kind for YesNo {
    type Value = bool;

    fn parse(given: &Given<'_, bool>) -> Result<bool, Refusal> {
        match given.word() {
            word if word.eq_ignore_ascii_case(b"yes") => Ok(true),
            word if word.eq_ignore_ascii_case(b"no") => Ok(false),
            _ => Err(Refusal::new("argument must be 'yes' or 'no'")),
        }
    }

    fn print(value: &bool) -> Vec<u8> {
        if *value { b"yes".to_vec() } else { b"no".to_vec() }
    }

    fn accepts() -> String {
        "yes or no".to_owned()
    }
}
