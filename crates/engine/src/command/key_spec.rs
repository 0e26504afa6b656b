//! Where a command's keys are among its words, and what it does with them.

use resp::request::Request;

/// One rule that finds keys.
#[derive(Clone, Copy, Debug)]
pub struct KeySpec {
    /// Where the search begins.
    pub begin: BeginSearch,
    /// How keys are found from there.
    pub find: FindKeys,
    /// What is done with the keys: the flags of COMMAND INFO in order (`RO`, `access` ...).
    pub flags: KeyFlags,
    /// A remark shown in COMMAND INFO.
    pub notes: Option<&'static str>,
}

/// Where the search for keys begins.
#[derive(Clone, Copy, Debug)]
pub enum BeginSearch {
    /// At this word.
    Index(usize),
    /// Behind this keyword, looked for from a word on (from the end when negative).
    Keyword(&'static str, i32),
    /// Nowhere that can be told.
    Unknown,
}

/// How keys are found from the beginning of the search.
#[derive(Clone, Copy, Debug)]
pub enum FindKeys {
    /// Up to a last word (relative to the first; negative counts from the request's end), every `step`, at most one `limit`-th.
    Range {
        /// Last key, relative to the first; negative counts from the end of the request.
        last: i32,
        /// Distance of keys.
        step: usize,
        /// 0 or 1: no limit; otherwise only the first part in so many.
        limit: usize,
    },
    /// A word tells how many keys follow.
    Count {
        /// The word with the number, relative to the beginning.
        at: usize,
        /// The first key, relative to the beginning.
        first: usize,
        /// Distance of keys.
        step: usize,
    },
    /// Cannot be told.
    Unknown,
}

/// What a command does with the keys that a rule finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyFlags(u16);

/// Each flag with its name in COMMAND INFO, in order.
const KEY_FLAG_NAMES: [&str; 11] = [
    "RO",
    "RW",
    "OW",
    "RM",
    "access",
    "update",
    "insert",
    "delete",
    "not_key",
    "incomplete",
    "variable_flags",
];

impl KeyFlags {
    /// Whether the value is only read.
    pub const fn is_read_only(self) -> bool {
        self.0 & 1 != 0
    }

    /// Whether what is found only looks like a key.
    pub const fn is_not_key(self) -> bool {
        self.0 >> 8 & 1 != 0
    }

    /// The names of the flags that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let set = move |(bit, name): (usize, &'static str)| (self.0 >> bit & 1 == 1).then_some(name);
        KEY_FLAG_NAMES.into_iter().enumerate().filter_map(set)
    }
}

impl KeySpec {
    /// One key at word `index`.
    pub const fn at(index: usize) -> KeySpec {
        KeySpec::range(index, 0, 1)
    }

    /// Keys from word `index` to `last` (relative; negative from the end), every `step`.
    pub const fn range(index: usize, last: i32, step: usize) -> KeySpec {
        KeySpec {
            begin: BeginSearch::Index(index),
            find: FindKeys::Range { last, step, limit: 0 },
            flags: KeyFlags(0),
            notes: None,
        }
    }

    /// Word `index` tells how many keys follow, every `step`.
    pub const fn counted(index: usize, step: usize) -> KeySpec {
        KeySpec {
            begin: BeginSearch::Index(index),
            find: FindKeys::Count { at: 0, first: 1, step },
            flags: KeyFlags(0),
            notes: None,
        }
    }

    /// Keys that only the command itself can find.
    pub const fn unknown() -> KeySpec {
        KeySpec { begin: BeginSearch::Unknown, find: FindKeys::Unknown, flags: KeyFlags(0), notes: None }
    }

    const fn with(mut self, bit: u16) -> KeySpec {
        self.flags = KeyFlags(self.flags.0 | 1 << bit);
        self
    }

    /// Read only.
    pub const fn ro(self) -> KeySpec {
        self.with(0)
    }

    /// Read and write.
    pub const fn rw(self) -> KeySpec {
        self.with(1)
    }

    /// Overwritten.
    pub const fn ow(self) -> KeySpec {
        self.with(2)
    }

    /// Removed.
    pub const fn rm(self) -> KeySpec {
        self.with(3)
    }

    /// The value is returned or copied.
    pub const fn access(self) -> KeySpec {
        self.with(4)
    }

    /// The value is updated.
    pub const fn update(self) -> KeySpec {
        self.with(5)
    }

    /// Something is inserted.
    pub const fn insert(self) -> KeySpec {
        self.with(6)
    }

    /// Something is deleted.
    pub const fn delete(self) -> KeySpec {
        self.with(7)
    }

    /// Not truly a key.
    pub const fn not_key(self) -> KeySpec {
        self.with(8)
    }

    /// Not all keys are found.
    pub const fn incomplete(self) -> KeySpec {
        self.with(9)
    }

    /// The flags depend on the arguments.
    pub const fn variable_flags(self) -> KeySpec {
        self.with(10)
    }

    /// A remark for COMMAND INFO.
    pub const fn noting(mut self, notes: &'static str) -> KeySpec {
        self.notes = Some(notes);
        self
    }

    /// The positions of the keys in `request`; empty when the request does not fit the rule.
    pub fn positions(&self, request: Request<'_>) -> Vec<usize> {
        let Some(begin) = self.begin_of(request) else {
            return Vec::new();
        };
        match self.find {
            FindKeys::Range { last, step, limit } => range_positions(request.len(), begin, last, step, limit),
            FindKeys::Count { at, first, step } => {
                let count = stdx::number::parse_i64(request.word(begin + at)).unwrap_or(0);
                let first = begin + first;
                let count = usize::try_from(count).unwrap_or(0);
                let fits = count.checked_mul(step).is_some_and(|words| first + words < request.len() + step);
                if fits { (0..count).map(|index| first + index * step).collect() } else { Vec::new() }
            }
            FindKeys::Unknown => Vec::new(),
        }
    }

    fn begin_of(&self, request: Request<'_>) -> Option<usize> {
        match self.begin {
            BeginSearch::Index(index) => (index < request.len()).then_some(index),
            BeginSearch::Keyword(keyword, from) if from >= 0 => (from as usize..request.len())
                .find(|&index| request.word(index).eq_ignore_ascii_case(keyword.as_bytes()))
                .map(|index| index + 1),
            BeginSearch::Keyword(keyword, from) => {
                (1..=request.len().checked_sub(from.unsigned_abs() as usize)?)
                    .rev()
                    .find(|&index| request.word(index).eq_ignore_ascii_case(keyword.as_bytes()))
                    .map(|index| index + 1)
            }
            BeginSearch::Unknown => None,
        }
    }
}

fn range_positions(words: usize, begin: usize, last: i32, step: usize, limit: usize) -> Vec<usize> {
    let end = if last >= 0 {
        begin + last as usize
    } else if limit <= 1 {
        words.saturating_sub(last.unsigned_abs() as usize)
    } else {
        begin + (words - begin) / limit - 1
    };
    if end >= words { Vec::new() } else { (begin..=end).step_by(step).collect() }
}
