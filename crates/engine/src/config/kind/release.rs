//! The number of a release.

use super::{Given, Kind};
use crate::config::Refusal;

/// Three numbers with points between: 8.0.6.
pub enum Release {}

impl Kind for Release {
    type Value = String;

    fn parse(given: &Given<'_, String>) -> Result<String, Refusal> {
        let text = given.text()?;
        let is_number =
            |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if text.split('.').count() == 3 && text.split('.').all(is_number) {
            return Ok(text.to_owned());
        }
        Err(Refusal::new("argument must be three numbers with points between"))
    }

    fn print(value: &String) -> Vec<u8> {
        value.clone().into_bytes()
    }

    fn accepts() -> String {
        "three numbers with points between".to_owned()
    }
}
