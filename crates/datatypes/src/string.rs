//! Strings: which encoding OBJECT ENCODING names.

/// How Redis would store a string. Ours are stored in their own way; the name is what clients ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringEncoding {
    /// A 64-bit integer in its canonical spelling.
    Int,
    /// A short string that was set as a whole.
    Embstr,
    /// A long string, or one that was changed in place.
    Raw,
}

impl StringEncoding {
    /// The name that OBJECT ENCODING replies.
    pub const fn name(self) -> &'static str {
        match self {
            StringEncoding::Int => "int",
            StringEncoding::Embstr => "embstr",
            StringEncoding::Raw => "raw",
        }
    }
}

/// The longest string that is `embstr`.
pub const EMBSTR_LEN_MAX: usize = 44;

/// The encoding of a string. `grown` says that a command changed it in place since it was last set as a whole,
/// `is_text` that it is the sum that INCRBYFLOAT left.
///
/// As Redis 7.0 and 8.0 have it. *Grown*: APPEND to a key that exists (an empty suffix counts too), SETRANGE with a
/// value that is not empty (on a missing key too), SETBIT, BITFIELD SET, PFADD, and the destination of BITOP. *Set as a
/// whole*: SET, GETSET, MSET, INCR, APPEND to a missing key. SETRANGE with an empty value changes nothing, COPY
/// takes the marks along, loading drops them. What INCRBYFLOAT leaves is never `int`, even if whole.
pub fn encoding_of(value: &[u8], grown: bool, is_text: bool) -> StringEncoding {
    if grown {
        StringEncoding::Raw
    } else if !is_text && stdx::number::parse_i64(value).is_some() {
        StringEncoding::Int
    } else if value.len() <= EMBSTR_LEN_MAX {
        StringEncoding::Embstr
    } else {
        StringEncoding::Raw
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_object_encoding_shows() {
        let rows: &[(&[u8], bool, &str)] = &[
            (b"12", false, "int"),
            (b"-9223372036854775808", false, "int"),
            (b"9223372036854775808", false, "embstr"),
            (b"007", false, "embstr"),
            (b"", false, "embstr"),
            (&[b'a'; 44], false, "embstr"),
            (&[b'a'; 45], false, "raw"),
            (b"123", true, "raw"),
            (b"abc", true, "raw"),
        ];
        for &(value, grown, name) in rows {
            assert_eq!(encoding_of(value, grown, false).name(), name, "{value:?}");
        }
        assert_eq!(encoding_of(b"12", false, true).name(), "embstr");
        assert_eq!(encoding_of(b"12", true, true).name(), "raw");
    }
}
