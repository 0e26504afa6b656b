//! Combining strings bit by bit. A string that is shorter than others counts as if zeros followed.

/// How bits are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// 1 where all are 1.
    And,
    /// 1 where one is 1.
    Or,
    /// 1 where an odd number are 1.
    Xor,
    /// 1 where the first, and only, is 0.
    Not,
}

/// A combination that is being made, one string after the other.
pub struct Combination {
    operation: Operation,
    /// As long as the longest string so far; none came yet if it is none.
    bytes: Option<Vec<u8>>,
}

impl Combination {
    /// A combination of nothing yet.
    pub fn new(operation: Operation) -> Combination {
        Combination { operation, bytes: None }
    }

    /// Takes the next string in.
    pub fn add(&mut self, next: &[u8]) {
        let Some(bytes) = &mut self.bytes else {
            let inverted = self.operation == Operation::Not;
            self.bytes = Some(next.iter().map(|byte| if inverted { !byte } else { *byte }).collect());
            return;
        };
        if bytes.len() < next.len() {
            bytes.resize(next.len(), 0);
        }
        let (shared, rest) = bytes.split_at_mut(next.len());
        let pairs = shared.iter_mut().zip(next);
        match self.operation {
            Operation::And => {
                pairs.for_each(|(own, other)| *own &= other);
                rest.fill(0);
            }
            Operation::Or => pairs.for_each(|(own, other)| *own |= other),
            Operation::Xor => pairs.for_each(|(own, other)| *own ^= other),
            Operation::Not => {}
        }
    }

    /// The result: as long as the longest string.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn combined(operation: Operation, strings: &[&[u8]]) -> Vec<u8> {
        let mut combination = Combination::new(operation);
        strings.iter().for_each(|next| combination.add(next));
        combination.into_bytes()
    }

    #[test]
    fn shorter_strings_end_in_zeros() {
        let (long, short): (&[u8], &[u8]) = (&[0b1100, 0xff, 1], &[0b1010, 0x0f]);
        for strings in [[long, short], [short, long]] {
            assert_eq!(combined(Operation::And, &strings), [0b1000, 0x0f, 0]);
            assert_eq!(combined(Operation::Or, &strings), [0b1110, 0xff, 1]);
            assert_eq!(combined(Operation::Xor, &strings), [0b0110, 0xf0, 1]);
        }
        assert_eq!(combined(Operation::Not, &[long]), [0xf3, 0, 0xfe]);
        assert_eq!(combined(Operation::And, &[long, b"", long]), [0, 0, 0]);
        assert!(combined(Operation::Or, &[b"", b""]).is_empty());
    }
}
