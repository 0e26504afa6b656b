//! Finds the end of a full copy among the bytes that arrive, without understanding the copy.

use std::borrow::Cow;

/// Length of the random mark that ends a copy of unknown length.
pub const MARK_LEN: usize = 40;

/// How the end of a copy is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// By its length in bytes.
    Length(u64),
    /// By this mark behind it.
    Mark([u8; MARK_LEN]),
}

/// Reads `$length` or `$EOF:mark`.
pub fn parse_extent(line: &[u8]) -> Result<Extent, String> {
    if line.first() == Some(&b'-') {
        return Err(format!("MASTER aborted replication with an error: {}", String::from_utf8_lossy(line)));
    }
    let bad = || {
        let shown = stdx::bytes::quoted(&line[..line.len().min(64)]);
        format!(
            "Bad protocol from MASTER, the first byte is not '$' (we received {shown}), are you sure the host and port \
             are right?"
        )
    };
    let rest = line.strip_prefix(b"$").ok_or_else(bad)?;
    if let Some(mark) = rest.strip_prefix(b"EOF:") {
        return mark.try_into().map(Extent::Mark).map_err(|_| bad());
    }
    stdx::number::parse_u64(rest).map(Extent::Length).ok_or_else(bad)
}

/// What a piece of the stream holds of a copy.
#[derive(Debug)]
pub struct Piece<'a> {
    /// Bytes of the copy, in order; parts may be empty.
    pub parts: [Cow<'a, [u8]>; 2],
    /// What follows the end of the copy, when it is in this piece.
    pub behind: Option<&'a [u8]>,
}

/// Looks for the end of one copy.
#[derive(Clone, Debug)]
pub struct CopyEnd {
    extent: Extent,
    /// Bytes that may be the beginning of the mark.
    kept: Vec<u8>,
}

impl CopyEnd {
    /// For a copy of this extent.
    pub fn new(extent: Extent) -> CopyEnd {
        CopyEnd { extent, kept: Vec::new() }
    }

    /// Whether the copy is over before a byte of it has come.
    pub fn is_empty(&self) -> bool {
        self.extent == Extent::Length(0)
    }

    /// Bytes arrived.
    pub fn push<'a>(&mut self, bytes: &'a [u8]) -> Piece<'a> {
        let mark = match &mut self.extent {
            Extent::Length(left) => {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= taken as u64;
                let (part, behind) = bytes.split_at(taken);
                let behind = (*left == 0).then_some(behind);
                return Piece { parts: [Cow::Borrowed(part), Cow::Borrowed(&[])], behind };
            }
            Extent::Mark(mark) => *mark,
        };
        // A mark that began in an earlier piece ends within its own length of this one.
        let mut joint = std::mem::take(&mut self.kept);
        let before = joint.len();
        joint.extend_from_slice(&bytes[..bytes.len().min(MARK_LEN)]);
        if let Some(at) = find(&joint, &mark).filter(|at| *at < before) {
            let behind = &bytes[at + MARK_LEN - before..];
            joint.truncate(at);
            return Piece { parts: [Cow::Owned(joint), Cow::Borrowed(&[])], behind: Some(behind) };
        }
        joint.truncate(before);
        if let Some(at) = find(bytes, &mark) {
            let parts = [Cow::Owned(joint), Cow::Borrowed(&bytes[..at])];
            return Piece { parts, behind: Some(&bytes[at + MARK_LEN..]) };
        }
        self.keep_end(joint, bytes)
    }

    /// No mark yet: as much stays here as may be the beginning of one.
    fn keep_end<'a>(&mut self, mut before: Vec<u8>, bytes: &'a [u8]) -> Piece<'a> {
        let from_bytes = bytes.len().min(MARK_LEN - 1);
        let (part, end) = bytes.split_at(bytes.len() - from_bytes);
        let still_kept = (MARK_LEN - 1 - from_bytes).min(before.len());
        self.kept = before.split_off(before.len() - still_kept);
        self.kept.extend_from_slice(end);
        Piece { parts: [Cow::Owned(before), Cow::Borrowed(part)], behind: None }
    }
}

/// Where the mark stands in `bytes`: looks at every fortieth byte where none of the mark's is there.
fn find(bytes: &[u8], mark: &[u8; MARK_LEN]) -> Option<usize> {
    let mut skips = [MARK_LEN as u8; 256];
    for (place, &byte) in mark[..MARK_LEN - 1].iter().enumerate() {
        skips[usize::from(byte)] = (MARK_LEN - 1 - place) as u8;
    }
    let mut end = MARK_LEN;
    while let Some(window) = bytes.get(end.wrapping_sub(MARK_LEN)..end) {
        if window == mark {
            return Some(end - MARK_LEN);
        }
        end += usize::from(skips[usize::from(window[MARK_LEN - 1])]);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(bytes: &[u8], step: usize, extent: &Extent) -> (Vec<u8>, Option<Vec<u8>>) {
        let (mut end, mut copy) = (CopyEnd::new(extent.clone()), Vec::new());
        let mut rest = bytes;
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(step.min(rest.len()));
            let piece = end.push(piece);
            for part in &piece.parts {
                copy.extend_from_slice(part);
            }
            if let Some(behind) = piece.behind {
                return (copy, Some([behind, later].concat()));
            }
            rest = later;
        }
        (copy, None)
    }

    #[test]
    fn by_length_and_by_mark_however_it_comes() {
        let mark = *b"q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0";
        let mut payload: Vec<u8> = (0..5_000u32).map(|number| (number % 251) as u8).collect();
        // What looks like the beginning of a mark is none.
        payload.extend_from_slice(&mark[..39]);
        payload.extend_from_slice(&mark[..16]);
        let length = Extent::Length(payload.len() as u64);
        let marked = [payload.as_slice(), &mark, b"*1\r\n"].concat();
        let counted = [payload.as_slice(), b"*1\r\n"].concat();
        for step in [1, 2, 38, 39, 40, 41, 79, 1000, 65_536] {
            let behind = Some(b"*1\r\n".to_vec());
            assert_eq!(split(&counted, step, &length), (payload.clone(), behind.clone()), "{step}");
            assert_eq!(split(&marked, step, &Extent::Mark(mark)), (payload.clone(), behind), "{step}");
            let (copy, behind) = split(&payload, step, &Extent::Mark(mark));
            assert!(payload.starts_with(&copy) && copy.len() + MARK_LEN > payload.len(), "{step}");
            assert_eq!(behind, None);
        }
    }

    #[test]
    fn extents() {
        let mark = [b'a'; 40];
        assert_eq!(parse_extent(b"$123"), Ok(Extent::Length(123)));
        assert_eq!(parse_extent(&[b"$EOF:".as_slice(), &mark].concat()), Ok(Extent::Mark(mark)));
        for bad in [b"".as_slice(), b"+OK", b"$", b"$x", b"$EOF:short", b"$-1"] {
            assert!(parse_extent(bad).unwrap_err().contains("Bad protocol"), "{bad:?}");
        }
        assert!(parse_extent(b"-ERR no").unwrap_err().contains("aborted"));
    }
}
