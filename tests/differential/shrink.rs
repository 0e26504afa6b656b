//! From a long failing sequence to the shortest one that fails the same way.

use std::time::{Duration, Instant};

use super::episode::{Arena, Difference};

/// How long shorter sequences are tried for one difference.
const BUDGET: Duration = Duration::from_secs(10);

type Sequence = Vec<Vec<Vec<u8>>>;

/// The shortest failing sequence that can be found by leaving out commands, then arguments.
pub fn shortest(
    arena: &mut Arena,
    protocol: u64,
    failing: &[Vec<Vec<u8>>],
    first: &Difference,
) -> (Sequence, Difference) {
    let mut best = failing.to_vec();
    let mut difference = Difference { index: first.index, own: first.own.clone(), real: first.real.clone() };
    let begin = Instant::now();
    let mut step = best.len() / 2;
    while step > 0 && begin.elapsed() < BUDGET {
        let mut start = 0;
        while start < best.len() && begin.elapsed() < BUDGET {
            let mut shorter = best.clone();
            shorter.drain(start..(start + step).min(best.len()));
            match fails(arena, protocol, &shorter, &difference) {
                Some(found) => {
                    shorter.truncate(found.index + 1);
                    best = shorter;
                    difference = found;
                }
                None => start += step,
            }
        }
        step /= 2;
    }
    (best, difference)
}

/// Whether a sequence still ends in the same kind of difference.
fn fails(
    arena: &mut Arena,
    protocol: u64,
    sequence: &[Vec<Vec<u8>>],
    wanted: &Difference,
) -> Option<Difference> {
    let found = arena.play(protocol, sequence)?;
    let kind = |text: &str| text.chars().take(6).collect::<String>();
    (kind(&found.own) == kind(&wanted.own) && kind(&found.real) == kind(&wanted.real)).then_some(found)
}
