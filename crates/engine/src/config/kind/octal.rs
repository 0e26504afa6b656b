//! File permissions.

use super::integer::out_of_bounds;
use super::{Given, Kind};
use crate::config::Refusal;

/// Permission bits in octal, up to 777. 0 leaves them as the system makes them.
pub enum Octal {}

impl Kind for Octal {
    type Value = u32;

    fn parse(given: &Given<'_, u32>) -> Result<u32, Refusal> {
        let text = given.text()?;
        let number = if text.is_empty() { Some(0) } else { i64::from_str_radix(text, 8).ok() };
        let number = number.ok_or(Refusal::new("argument couldn't be parsed as an octal number"))?;
        u32::try_from(number).ok().filter(|&bits| bits <= 0o777).ok_or_else(|| out_of_bounds(0, 777))
    }

    fn print(value: &u32) -> Vec<u8> {
        format!("{value:o}").into_bytes()
    }

    fn accepts() -> String {
        "permissions in octal, 0 to 777".to_owned()
    }
}
