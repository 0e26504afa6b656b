//! LZF: the compression of long strings in RDB files. Any LZF reader decodes what is written here.
//!
//! The stream is a row of runs. A control byte below 32 is followed by that many literal bytes and one more. Any other
//! is a copy: its upper three bits are the length minus two (seven means that a further length byte is added), its
//! lower five with the next byte the distance back, minus one.

/// Longest run of literal bytes.
const LITERAL_MAX: usize = 32;
/// Shortest copy that is looked for.
const COPY_MIN: usize = 3;
/// Longest copy: two more than the three bits and the added byte can say.
const COPY_MAX: usize = 7 + 255 + 2;
/// How far back a copy may reach.
const DISTANCE_MAX: usize = 1 << 13;
/// After each 2 to this power of misses in a row the search takes longer steps.
const MISSES_A_STEP_SHIFT: usize = 4;
/// A stream shorter than this cannot say a copy and win anything.
const INPUT_MIN: usize = 5;
/// A three-byte copy may become this long: no stream expands more.
const EXPANSION_MAX: usize = COPY_MAX / 3;

/// Appends the compressed form of `input` and returns true, if that saves more than four bytes. Otherwise nothing is appended.
///
/// Values that do not compress are the common case and cost little: the search steps over ever more bytes the
/// longer it finds nothing, and nothing is copied before a match. A random value of 200 bytes costs about 130 ns.
pub fn compress(input: &[u8], out: &mut Vec<u8>) -> bool {
    if input.len() < INPUT_MIN {
        return false;
    }
    // A table that is much larger than the input costs more to clear than to use.
    match input.len() {
        0..=512 => compress_with::<u16, 256>(input, out),
        513..=4096 => compress_with::<u16, 2048>(input, out),
        4097..=65_535 => compress_with::<u16, 8192>(input, out),
        _ => compress_with::<u32, 16_384>(input, out),
    }
}

/// A position in the hash table.
trait Position: Copy + Default {
    fn from_index(index: usize) -> Self;
    fn index(self) -> usize;
}

impl Position for u16 {
    fn from_index(index: usize) -> u16 {
        index as u16
    }
    fn index(self) -> usize {
        usize::from(self)
    }
}

impl Position for u32 {
    // Inputs beyond 4 GiB wrap: a wrong position is found out by comparing.
    fn from_index(index: usize) -> u32 {
        index as u32
    }
    fn index(self) -> usize {
        self as usize
    }
}

fn compress_with<P: Position, const SLOTS: usize>(input: &[u8], out: &mut Vec<u8>) -> bool {
    let mut table = [P::default(); SLOTS];
    let start = out.len();
    let limit = start + input.len() - 4;
    // Position 0 is what an empty place in the table holds: the search begins behind it.
    let (mut at, mut literal_start, mut misses) = (1, 0, 0);
    while let Some(next) = three_bytes(input, at) {
        let slot = &mut table[hash::<SLOTS>(next)];
        let candidate = slot.index();
        *slot = P::from_index(at);
        let is_match = three_bytes(input, candidate) == Some(next);
        if !is_match || candidate >= at || at - candidate > DISTANCE_MAX {
            misses += 1;
            at += 1 + (misses >> MISSES_A_STEP_SHIFT);
            continue;
        }
        let end = at + copy_length(input, candidate, at);
        append_literals(out, &input[literal_start..at]);
        append_copy(out, at - candidate, end - at);
        if out.len() >= limit {
            break;
        }
        remember::<P, SLOTS>(&mut table, input, end - 2);
        remember::<P, SLOTS>(&mut table, input, end - 1);
        (at, literal_start, misses) = (end, end, 0);
    }
    if literal_start > 0 {
        append_literals(out, &input[literal_start..]);
    }
    let saves = literal_start > 0 && out.len() < limit;
    if !saves {
        out.truncate(start);
    }
    saves
}

/// Makes a place inside a copy known: the last ones are worth it, all of them would cost more than they give.
#[inline]
fn remember<P: Position, const SLOTS: usize>(table: &mut [P; SLOTS], input: &[u8], place: usize) {
    if let Some(bytes) = three_bytes(input, place) {
        table[hash::<SLOTS>(bytes)] = P::from_index(place);
    }
}

/// The three bytes from here as a number; none at the last four, where a copy could win next to nothing.
#[inline(always)]
fn three_bytes(input: &[u8], at: usize) -> Option<u32> {
    let chunk = input.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*chunk) << 8)
}

#[inline(always)]
fn hash<const SLOTS: usize>(three: u32) -> usize {
    (three.wrapping_mul(0x9e37_79b1) >> (32 - SLOTS.ilog2())) as usize
}

/// How many bytes are equal from both places on, at least three being known to be.
fn copy_length(input: &[u8], earlier: usize, at: usize) -> usize {
    let longest = (input.len() - at).min(COPY_MAX);
    let (left, right) = (&input[earlier..], &input[at..at + longest]);
    let mut length = COPY_MIN;
    while let (Some(left), Some(right)) = (eight_bytes(left, length), eight_bytes(right, length)) {
        let different = left ^ right;
        if different != 0 {
            return length + different.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    while length < longest && left[length] == right[length] {
        length += 1;
    }
    length
}

#[inline]
fn eight_bytes(input: &[u8], at: usize) -> Option<u64> {
    input.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

fn append_literals(out: &mut Vec<u8>, literals: &[u8]) {
    for run in literals.chunks(LITERAL_MAX) {
        out.push((run.len() - 1) as u8);
        out.extend_from_slice(run);
    }
}

fn append_copy(out: &mut Vec<u8>, distance: usize, length: usize) {
    let (distance, length) = (distance - 1, length - 2);
    let high = (distance >> 8) as u8;
    if length < 7 {
        out.push((length as u8) << 5 | high);
    } else {
        out.push(7 << 5 | high);
        out.push((length - 7) as u8);
    }
    out.push(distance as u8);
}

/// Why a compressed string cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LzfError {
    /// It ends inside a run.
    Truncated,
    /// A copy reaches back before the beginning.
    DistanceTooFar,
    /// It holds more or fewer bytes than was said.
    WrongLength,
}

impl std::fmt::Display for LzfError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LzfError::Truncated => "compressed string ends early",
            LzfError::DistanceTooFar => "compressed string refers to bytes before its beginning",
            LzfError::WrongLength => "compressed string does not have the length that it claims",
        })
    }
}

impl std::error::Error for LzfError {}

/// Appends what `input` was before compression, which must be exactly `expected_len` bytes. On an error `out` is as
/// before. Never takes more memory than 88 times the input.
pub fn decompress(input: &[u8], expected_len: usize, out: &mut Vec<u8>) -> Result<(), LzfError> {
    if expected_len > input.len().saturating_mul(EXPANSION_MAX) {
        return Err(LzfError::WrongLength);
    }
    let start = out.len();
    out.reserve(expected_len);
    let result = expand(input, start, start + expected_len, out);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn expand(mut input: &[u8], start: usize, end: usize, out: &mut Vec<u8>) -> Result<(), LzfError> {
    while let Some((&control, rest)) = input.split_first() {
        if usize::from(control) < LITERAL_MAX {
            let (run, after) = rest.split_at_checked(usize::from(control) + 1).ok_or(LzfError::Truncated)?;
            if run.len() > end - out.len() {
                return Err(LzfError::WrongLength);
            }
            out.extend_from_slice(run);
            input = after;
        } else {
            let (distance, length, after) = read_copy(control, rest).ok_or(LzfError::Truncated)?;
            if distance > out.len() - start {
                return Err(LzfError::DistanceTooFar);
            }
            if length > end - out.len() {
                return Err(LzfError::WrongLength);
            }
            copy_back(out, distance, length);
            input = after;
        }
    }
    if out.len() == end { Ok(()) } else { Err(LzfError::WrongLength) }
}

/// Distance and length of a copy, and what follows it.
fn read_copy(control: u8, rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let (added, rest) = if control >> 5 == 7 {
        let (&added, rest) = rest.split_first()?;
        (usize::from(added), rest)
    } else {
        (0, rest)
    };
    let (&low, rest) = rest.split_first()?;
    let distance = (usize::from(control & 31) << 8 | usize::from(low)) + 1;
    Some((distance, usize::from(control >> 5) + added + 2, rest))
}

/// Copies from `distance` bytes back; where the copy overlaps itself the pattern repeats.
fn copy_back(out: &mut Vec<u8>, distance: usize, length: usize) {
    let from = out.len() - distance;
    let mut left = length;
    while left > 0 {
        let piece = left.min(out.len() - from);
        out.extend_from_within(from..from + piece);
        left -= piece;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastrand::Rng;

    fn round_trip(input: &[u8]) -> Option<usize> {
        let mut compressed = b"before".to_vec();
        if !compress(input, &mut compressed) {
            assert_eq!(compressed, b"before");
            return None;
        }
        let length = compressed.len() - 6;
        assert!(length + 4 < input.len());
        let mut out = b"kept".to_vec();
        decompress(&compressed[6..], input.len(), &mut out).expect("we wrote it");
        assert_eq!(&out[4..], input);
        Some(length)
    }

    #[test]
    fn repetition_shrinks() {
        assert!(round_trip(&[b'a'; 100]).expect("compresses") <= 8);
        assert!(round_trip(&[0; 100_000]).expect("compresses") < 1_500);
        assert!(round_trip(&b"the quick brown fox ".repeat(500)).expect("compresses") < 300);
        let user = br#"{"name":"Ada","mail":"ada@example.org","roles":["reader","writer"]},"#;
        assert!(round_trip(&user.repeat(3)).is_some());
    }

    #[test]
    fn what_does_not_shrink_is_refused() {
        let mut random = Rng::with_seed(6);
        for length in [0, 1, 4, 5, 20, 200, 5_000, 100_000] {
            let input: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
            assert_eq!(round_trip(&input), None, "{length}");
        }
    }

    #[test]
    fn a_random_head_does_not_hide_a_plain_tail() {
        let mut random = Rng::with_seed(7);
        let mut input: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(4_000).collect();
        input.resize(8_000, b'x');
        assert!(round_trip(&input).is_some_and(|length| length < 4_400));
    }

    #[test]
    fn mixed_inputs_round_trip() {
        let mut random = Rng::with_seed(8);
        let mut shrunk = 0;
        for round in 0..2_000 {
            let length = random.usize(0..if round % 100 == 0 { 150_000 } else { 3_000 });
            let alphabet = random.u8(1..=40);
            let input: Vec<u8> = std::iter::repeat_with(|| random.u8(0..alphabet)).take(length).collect();
            shrunk += usize::from(round_trip(&input).is_some());
        }
        assert!(shrunk > 500, "{shrunk}");
    }

    #[test]
    fn reads_what_others_wrote() {
        // "a" and a copy of it over 19 more bytes, as liblzf writes it.
        let mut out = Vec::new();
        decompress(&[1, b'a', b'a', 0xe0, 9, 0], 20, &mut out).expect("valid");
        assert_eq!(out, [b'a'; 20]);
    }

    #[test]
    fn damage_is_an_error_and_leaves_the_output() {
        let mut out = b"kept".to_vec();
        for (input, length, error) in [
            (&[][..], 1, LzfError::WrongLength),
            (&[3, b'a'], 4, LzfError::Truncated),
            (&[0x20], 3, LzfError::Truncated),
            (&[0xe0, 1], 10, LzfError::Truncated),
            (&[0, b'a', 0x20, 1], 4, LzfError::DistanceTooFar),
            (&[0, b'a', 0x20, 0], 3, LzfError::WrongLength),
            (&[0, b'a', 0x20, 0], 5, LzfError::WrongLength),
            (&[0, b'a'], usize::MAX, LzfError::WrongLength),
        ] {
            assert_eq!(decompress(input, length, &mut out), Err(error), "{input:?}");
            assert_eq!(out, b"kept");
        }
    }

    #[test]
    fn random_bytes_never_panic() {
        let mut random = Rng::with_seed(9);
        for _ in 0..50_000 {
            let input: Vec<u8> = (0..random.usize(0..40)).map(|_| random.u8(..)).collect();
            let mut out = Vec::new();
            let length = random.usize(0..200);
            let result = decompress(&input, length, &mut out);
            assert_eq!(out.len(), if result.is_ok() { length } else { 0 });
        }
    }
}
