//! Bytes as hexadecimal text.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The two lower-case digits of a byte.
pub fn digits(byte: u8) -> [u8; 2] {
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

/// Appends two lower-case digits a byte.
pub fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() * 2);
    for &byte in bytes {
        out.extend_from_slice(&digits(byte));
    }
}

/// Two lower-case digits a byte.
pub fn to_string(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|&byte| digits(byte)).map(char::from).collect()
}

/// The value of one digit in either case.
pub fn digit_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Reads two digits a byte, in either case; none if a digit is missing or is none.
pub fn parse(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2).map(|pair| Some(digit_value(pair[0])? << 4 | digit_value(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = to_string(&bytes);
        assert!(text.starts_with("000102") && text.ends_with("feff"));
        assert_eq!(parse(text.as_bytes()), Some(bytes.clone()));
        assert_eq!(parse(text.to_uppercase().as_bytes()), Some(bytes.clone()));
        let mut out = vec![b'x'];
        append(&mut out, &bytes[..2]);
        assert_eq!(out, b"x0001");
    }

    #[test]
    fn refuses_what_is_not_hexadecimal() {
        for text in ["0", "0g", "+1", " 1"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
