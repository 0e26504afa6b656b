//! The sparse representation: runs of registers with the same value, one or two bytes each.
//!
//! ```text
//! 00nnnnnn           n + 1 registers that are 0
//! 01nnnnnn nnnnnnnn  n + 1 registers that are 0
//! 1vvvvvnn           n + 1 registers that are v + 1
//! ```

use std::fmt::Write;

use super::{Corrupted, REGISTERS};

/// The longest run of zeros in one byte.
const SHORT_MAX: usize = 64;
/// The longest run of another value.
const VALUES_MAX: usize = 4;
/// The largest value of such a run.
const VALUE_MAX: u8 = 32;
/// How many runs are looked at for neighbours that can become one, after a change.
const MERGE_WINDOW: usize = 5;

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// What the registers hold.
    value: u8,
    /// How many registers.
    len: usize,
    /// How many bytes tell so.
    bytes: usize,
}

/// The run at the beginning of `body`.
fn run_at(body: &[u8]) -> Option<Run> {
    let &first = body.first()?;
    let low = usize::from(first & 0x3f);
    Some(match first >> 6 {
        0 => Run { value: 0, len: low + 1, bytes: 1 },
        1 => Run { value: 0, len: (low << 8 | usize::from(*body.get(1)?)) + 1, bytes: 2 },
        _ => Run { value: (first >> 2 & 0x1f) + 1, len: usize::from(first & 3) + 1, bytes: 1 },
    })
}

/// Appends a run of zeros, in the shortest way.
pub(super) fn push_zeros(out: &mut Vec<u8>, len: usize) {
    let coded = len - 1;
    if len > SHORT_MAX {
        out.push(0x40 | (coded >> 8) as u8);
    }
    out.push(coded as u8);
}

fn push_run(out: &mut Vec<u8>, value: u8, len: usize) {
    match (value, len) {
        (_, 0) => {}
        (0, _) => push_zeros(out, len),
        _ => out.push(coded(value, len)),
    }
}

/// A run of a value that is not zero.
fn coded(value: u8, len: usize) -> u8 {
    0x80 | (value - 1) << 2 | (len - 1) as u8
}

/// Visits all runs: the first register, how many, their value. They must make up all registers.
pub(super) fn for_each_run(body: &[u8], mut visit: impl FnMut(usize, usize, u8)) -> Result<(), Corrupted> {
    let (mut at, mut first) = (0, 0);
    while at < body.len() {
        let run = run_at(&body[at..]).filter(|run| first + run.len <= REGISTERS).ok_or(Corrupted)?;
        visit(first, run.len, run.value);
        first += run.len;
        at += run.bytes;
    }
    if first == REGISTERS { Ok(()) } else { Err(Corrupted) }
}

/// What came of raising a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raised {
    /// It was no smaller.
    Unchanged,
    /// It has the value now.
    Changed,
    /// There is no room for the change, or the value is too large for this representation.
    NoRoom,
}

/// The run that covers a register.
struct Found {
    run: Run,
    /// Where the run stands, and the one before it.
    at: usize,
    previous: Option<usize>,
    /// Its first register.
    first: usize,
}

fn find(bytes: &[u8], header: usize, index: usize) -> Result<Found, Corrupted> {
    let (mut at, mut first, mut previous) = (header, 0, None);
    loop {
        let run = run_at(&bytes[at..]).ok_or(Corrupted)?;
        if index < first + run.len {
            return Ok(Found { run, at, previous, first });
        }
        previous = Some(at);
        at += run.bytes;
        first += run.len;
    }
}

/// Raises a register if the value is larger. `bytes` is the whole string, of which the runs follow `header`.
pub(super) fn raise(
    bytes: &mut Vec<u8>,
    header: usize,
    index: usize,
    value: u8,
    max_bytes: usize,
) -> Result<Raised, Corrupted> {
    if value > VALUE_MAX {
        return Ok(Raised::NoRoom);
    }
    let Found { run, at, previous, first } = find(bytes, header, index)?;
    if run.value >= value {
        return Ok(Raised::Unchanged);
    }
    if run.len == 1 {
        // A run of one in two bytes is legal, if wasteful.
        bytes.splice(at..at + run.bytes, [coded(value, 1)]);
    } else {
        let mut runs = Vec::with_capacity(5);
        push_run(&mut runs, run.value, index - first);
        runs.push(coded(value, 1));
        push_run(&mut runs, run.value, first + run.len - 1 - index);
        if runs.len() > run.bytes && bytes.len() + runs.len() - run.bytes > max_bytes {
            return Ok(Raised::NoRoom);
        }
        bytes.splice(at..at + run.bytes, runs);
    }
    merge_neighbours(bytes, previous.unwrap_or(header));
    Ok(Raised::Changed)
}

/// Makes one run of two with the same value, where they stand next to each other and the length fits. The window and
/// its order are Redis's, so that the bytes are the same after the same elements.
fn merge_neighbours(bytes: &mut Vec<u8>, mut at: usize) {
    for _ in 0..MERGE_WINDOW {
        let Some(run) = bytes.get(at..).and_then(run_at) else { return };
        let next = bytes.get(at + run.bytes..).and_then(run_at);
        if let Some(next) = next.filter(|next| run.value != 0 && next.value == run.value) {
            let len = run.len + next.len;
            if len <= VALUES_MAX {
                bytes[at + 1] = coded(run.value, len);
                bytes.remove(at);
                continue;
            }
        }
        at += run.bytes;
    }
}

/// The runs in words, as PFDEBUG DECODE shows them: `z:10 v:2,1 Z:16000`.
pub fn describe(bytes: &[u8]) -> String {
    let (mut text, mut at) = (String::new(), super::HEADER_BYTES);
    while let Some(run) = bytes.get(at..).and_then(run_at) {
        let written = match (run.value, run.bytes) {
            (0, 1) => write!(text, " z:{}", run.len),
            (0, _) => write!(text, " Z:{}", run.len),
            (value, _) => write!(text, " v:{value},{}", run.len),
        };
        written.expect("a string takes all text");
        at += run.bytes;
    }
    text.split_off(usize::from(!text.is_empty()))
}
