//! Scores for the kernel's out-of-memory killer.

use super::{Given, Kind, as_text};
use crate::config::Refusal;
use crate::config::option::Arguments;

/// Three scores from -2000 to 2000: for a primary, a replica, and a background child.
pub enum OomScores {}

impl Kind for OomScores {
    type Value = [i32; 3];

    const ARGUMENTS: Arguments = Arguments::Several;

    fn parse(given: &Given<'_, [i32; 3]>) -> Result<[i32; 3], Refusal> {
        let &[primary, replica, background] = given.words else { return Err(Refusal::WRONG_NUMBER) };
        let score = |word| score(given.name, word);
        Ok([score(primary)?, score(replica)?, score(background)?])
    }

    fn print(value: &[i32; 3]) -> Vec<u8> {
        let [primary, replica, background] = value;
        format!("{primary} {replica} {background}").into_bytes()
    }

    fn accepts() -> String {
        "three numbers from -2000 to 2000".to_owned()
    }
}

fn score(name: &str, word: &[u8]) -> Result<i32, Refusal> {
    let score = as_text(word)?.parse::<i32>().ok().filter(|score| (-2000..=2000).contains(score));
    score.ok_or_else(|| Refusal::new(format!("Invalid {name}, elements must be between -2000 and 2000.")))
}
