//! A list of percentiles.

use stdx::number;

use super::{Given, Kind};
use crate::config::Refusal;
use crate::config::option::Arguments;

/// Numbers from 0 to 100, at most 64 of them.
pub enum Percentiles {}

impl Percentiles {
    const MAX: usize = 64;
}

impl Kind for Percentiles {
    type Value = Vec<f64>;

    const ARGUMENTS: Arguments = Arguments::Several;

    fn parse(given: &Given<'_, Vec<f64>>) -> Result<Vec<f64>, Refusal> {
        let words = if given.words == [b""] { &[] } else { given.words };
        if words.len() > Self::MAX {
            return Err(Refusal::WRONG_NUMBER);
        }
        words.iter().map(|word| percentile(given.name, word)).collect()
    }

    fn print(value: &Vec<f64>) -> Vec<u8> {
        let words: Vec<String> = value.iter().map(|number| shortened(*number)).collect();
        words.join(" ").into_bytes()
    }

    fn write(value: &Vec<f64>) -> Vec<u8> {
        if value.is_empty() { b"\"\"".to_vec() } else { Self::print(value) }
    }

    fn accepts() -> String {
        "numbers from 0 to 100".to_owned()
    }
}

fn percentile(name: &str, word: &[u8]) -> Result<f64, Refusal> {
    match number::parse_f64(word) {
        None => Err(Refusal::new(format!("Invalid {name} parameters"))),
        Some(number) if !(0.0..=100.0).contains(&number) => {
            Err(Refusal::new(format!("{name} parameters should sit between [0.0,100.0]")))
        }
        Some(number) => Ok(number),
    }
}

/// Six digits behind the point, without the zeros at the end.
fn shortened(number: f64) -> String {
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
