//! The longest common subsequence of two strings, with the places where it stands: the work of LCS.

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LcsError {
    /// A string of 4 GiB or nearly so.
    TooLong,
    /// The table would take more memory than allowed.
    MemoryLimit,
    /// The memory for the table could not be had.
    MemoryExhausted,
}

impl std::fmt::Display for LcsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LcsError::TooLong => "String too long for LCS",
            LcsError::MemoryLimit => {
                "Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"
            }
            LcsError::MemoryExhausted => "Insufficient memory, failed allocating transient memory for LCS",
        })
    }
}

impl std::error::Error for LcsError {}

/// A piece that stands in both strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommonRange {
    /// Where it begins in the first string.
    pub a_start: usize,
    /// Where it begins in the second string.
    pub b_start: usize,
    /// How many bytes it has; never 0.
    pub length: usize,
}

/// A longest common subsequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommonSubsequence {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The pieces that it is made of, the last first, as LCS replies them.
    pub matches: Vec<CommonRange>,
}

/// Finds a longest common subsequence, the same one as Redis where there are several. Takes four bytes for each pair
/// of places, and is refused if that is more than `memory_max_bytes` (Redis takes its `proto-max-bulk-len`).
pub fn longest_common_subsequence(
    a: &[u8],
    b: &[u8],
    memory_max_bytes: u64,
) -> Result<CommonSubsequence, LcsError> {
    if a.len() >= u32::MAX as usize - 1 || b.len() >= u32::MAX as usize - 1 {
        return Err(LcsError::TooLong);
    }
    let table = Table::fill(a, b, memory_max_bytes)?;
    Ok(walk_back(a, b, &table))
}

/// For each pair of prefixes the length of their longest common subsequence.
struct Table {
    width: usize,
    lengths: Vec<u32>,
}

impl Table {
    fn fill(a: &[u8], b: &[u8], memory_max_bytes: u64) -> Result<Table, LcsError> {
        let width = b.len() + 1;
        let cells = (a.len() as u64 + 1).checked_mul(width as u64).ok_or(LcsError::MemoryLimit)?;
        if cells.checked_mul(4).is_none_or(|bytes| bytes > memory_max_bytes) {
            return Err(LcsError::MemoryLimit);
        }
        let cells = usize::try_from(cells).map_err(|_| LcsError::MemoryLimit)?;
        let mut lengths = Vec::new();
        lengths.try_reserve_exact(cells).map_err(|_| LcsError::MemoryExhausted)?;
        lengths.resize(width, 0);
        for &left in a {
            lengths.push(0);
            for (column, &right) in b.iter().enumerate() {
                let above = lengths.len() - width;
                let length = if left == right {
                    lengths[above - 1] + 1
                } else {
                    lengths[above].max(lengths[above + width - 1])
                };
                debug_assert_eq!(lengths.len() % width, column + 1);
                lengths.push(length);
            }
        }
        Ok(Table { width, lengths })
    }

    fn at(&self, row: usize, column: usize) -> u32 {
        self.lengths[row * self.width + column]
    }
}

fn walk_back(a: &[u8], b: &[u8], table: &Table) -> CommonSubsequence {
    let mut found = CommonSubsequence::default();
    let mut open: Option<CommonRange> = None;
    let (mut row, mut column) = (a.len(), b.len());
    while row > 0 && column > 0 {
        if a[row - 1] == b[column - 1] {
            (row, column) = (row - 1, column - 1);
            found.bytes.push(a[row]);
            let length = open.map_or(0, |range| range.length) + 1;
            open = Some(CommonRange { a_start: row, b_start: column, length });
            continue;
        }
        found.matches.extend(open.take());
        if table.at(row - 1, column) > table.at(row, column - 1) {
            row -= 1;
        } else {
            column -= 1;
        }
    }
    found.matches.extend(open);
    found.bytes.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(a: &str, b: &str) -> (String, Vec<(usize, usize, usize)>) {
        let found = longest_common_subsequence(a.as_bytes(), b.as_bytes(), 1 << 20).expect("small");
        let ranges = found.matches.iter().map(|range| (range.a_start, range.b_start, range.length)).collect();
        (String::from_utf8(found.bytes).expect("ASCII"), ranges)
    }

    /// Each row was checked with LCS ... IDX WITHMATCHLEN on a real server.
    #[test]
    fn as_the_server_finds() {
        assert_eq!(find("ohmytext", "mynewtext"), ("mytext".into(), vec![(4, 5, 4), (2, 0, 2)]));
        assert_eq!(find("abc", "abc"), ("abc".into(), vec![(0, 0, 3)]));
        assert_eq!(find("abc", "xyz"), (String::new(), vec![]));
        assert_eq!(find("", "abc"), (String::new(), vec![]));
        assert_eq!(find("abcbdab", "bdcaba"), ("bdab".into(), vec![(5, 3, 2), (3, 0, 2)]));
    }

    #[test]
    fn memory_is_bounded() {
        let (a, b) = (vec![b'a'; 99], vec![b'b'; 99]);
        assert!(longest_common_subsequence(&a, &b, 40_000).is_ok());
        let refused = longest_common_subsequence(&a, &b, 39_999);
        assert_eq!(refused, Err(LcsError::MemoryLimit));
        assert!(refused.expect_err("refused").to_string().starts_with("Insufficient memory, transient"));
    }

    #[test]
    fn pieces_are_in_both_strings() {
        let mut state = 1u64;
        let mut letter = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            b'a' + (state >> 60) as u8 % 4
        };
        for length in 0..60 {
            let a: Vec<u8> = (0..length).map(|_| letter()).collect();
            let b: Vec<u8> = (0..60 - length).map(|_| letter()).collect();
            let found = longest_common_subsequence(&a, &b, 1 << 20).expect("small");
            let from = |text: &[u8], start: fn(&CommonRange) -> usize| -> Vec<u8> {
                let pieces = found.matches.iter().rev();
                pieces.flat_map(|range| text[start(range)..start(range) + range.length].to_vec()).collect()
            };
            assert_eq!(from(&a, |range| range.a_start), found.bytes);
            assert_eq!(from(&b, |range| range.b_start), found.bytes);
        }
    }
}
