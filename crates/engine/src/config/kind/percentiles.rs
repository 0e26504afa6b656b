//! Shares in percent.

use super::{Given, Kind, as_text};
use crate::config::Refusal;
use crate::config::option::Arguments;

/// Any number of percentiles from 0 to 100; the empty text stands for none.
pub enum Percentiles {}

impl Kind for Percentiles {
    type Value = Vec<f64>;

    const ARGUMENTS: Arguments = Arguments::Several;

    fn parse(given: &Given<'_, Vec<f64>>) -> Result<Vec<f64>, Refusal> {
        match given.words {
            [b""] => Ok(Vec::new()),
            words => words.iter().map(|word| percentile(given.name, word)).collect(),
        }
    }

    fn print(value: &Vec<f64>) -> Vec<u8> {
        value.iter().map(f64::to_string).collect::<Vec<_>>().join(" ").into_bytes()
    }

    fn accepts() -> String {
        "numbers from 0 to 100, or \"\" for none".to_owned()
    }

    fn write(value: &Vec<f64>) -> Vec<u8> {
        if value.is_empty() { b"\"\"".to_vec() } else { Self::print(value) }
    }
}

fn percentile(name: &str, word: &[u8]) -> Result<f64, Refusal> {
    let number = stdx::number::parse_f64(as_text(word)?.as_bytes());
    let number = number.ok_or_else(|| Refusal::new(format!("Invalid {name} parameters")))?;
    if (0.0..=100.0).contains(&number) {
        return Ok(number);
    }
    Err(Refusal::new(format!("{name} parameters should sit between [0.0,100.0]")))
}
