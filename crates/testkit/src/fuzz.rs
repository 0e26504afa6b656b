//! Runs a fuzz target without a fuzzer: its kept inputs, then mutations of them, the same in every run.
//!
//! The inputs lie in `fuzz/corpus/TARGET`, where the fuzzer of `cargo xtask fuzz` begins too, and where what it finds is
//! kept. So both run the same function, from the same beginnings.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;

/// Inputs do not grow beyond this.
const INPUT_BYTES_MAX: usize = 8 * 1024;

/// Bytes that mean something in one of the formats.
const TELLING: &[u8] = b"\0\r\n*$#-+: \"'\\0129\x80\x81\xc0\xc3\xfa\xfb\xfc\xfd\xfe\xff";

/// Runs `body` over the kept inputs of `target` and over `rounds` mutations of them.
///
/// # Panics
///
/// With `body`; the input stands on standard error then. And when there is no kept input.
pub fn fuzz(target: &str, rounds: u32, body: fn(&[u8])) {
    let kept = kept_inputs(target);
    assert!(!kept.is_empty(), "fuzz/corpus/{target} holds no input");
    for input in &kept {
        try_input(target, input, body);
    }
    let mut random = Rng::with_seed(1);
    for _ in 0..rounds {
        let input = mutated(&kept, &mut random);
        try_input(target, &input, body);
    }
}

/// The kept inputs of a target, in the order of their names.
///
/// # Panics
///
/// If one cannot be read.
pub fn kept_inputs(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a kept input can be read")).collect()
}

fn try_input(target: &str, input: &[u8], body: fn(&[u8])) {
    let shown = Shown { target, input };
    body(input);
    drop(shown);
}

/// Shows its input when it is dropped by a panic.
struct Shown<'a> {
    target: &'a str,
    input: &'a [u8],
}

impl Drop for Shown<'_> {
    #[expect(clippy::print_stderr, reason = "what failed must be seen to be kept")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("fuzz target {} with the input \"{}\"", self.target, self.input.escape_ascii());
        }
    }
}

/// One of the inputs with some bytes changed, inserted, removed, repeated, or taken from another.
fn mutated(kept: &[Vec<u8>], random: &mut Rng) -> Vec<u8> {
    let mut bytes = kept[random.usize(..kept.len())].clone();
    for _ in 0..random.usize(1..6) {
        let at = random.usize(..=bytes.len());
        let end = (at + random.usize(..40)).min(bytes.len());
        match random.u8(..7) {
            0 if at < bytes.len() => bytes[at] = telling_byte(random),
            1 if at < bytes.len() => bytes[at] ^= 1 << random.u32(..8),
            2 => bytes.insert(at, telling_byte(random)),
            3 => drop(bytes.drain(at..end)),
            4 => bytes.truncate(at),
            5 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let other = &kept[random.usize(..kept.len())];
                let from = random.usize(..=other.len());
                let to = (from + random.usize(..40)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
        }
    }
    bytes.truncate(INPUT_BYTES_MAX);
    bytes
}

fn telling_byte(random: &mut Rng) -> u8 {
    if random.bool() { TELLING[random.usize(..TELLING.len())] } else { random.u8(..) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutations_differ_and_come_again() {
        let kept = [b"SET key value".to_vec(), Vec::new()];
        let series = || {
            let mut random = Rng::with_seed(3);
            (0..100).map(|_| mutated(&kept, &mut random)).collect::<Vec<_>>()
        };
        let first = series();
        assert_eq!(first, series());
        assert!(first.iter().filter(|bytes| !kept.contains(bytes)).count() > 60);
    }

    #[test]
    #[should_panic(expected = "holds no input")]
    fn a_target_without_inputs_is_noticed() {
        fuzz("no-such-target", 1, |_| ());
    }
}
