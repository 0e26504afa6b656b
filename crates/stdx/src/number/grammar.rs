//! The grammar of C's `strtod`: which texts are numbers, shared by double and long double.

/// A text that `strtod` would consume whole, by kind.
pub(crate) enum FloatText<'a> {
    /// `inf` or `infinity` in any case.
    Infinity {
        /// It had a minus sign.
        negative: bool,
    },
    /// Decimal digits with optional point and exponent.
    Decimal {
        /// The whole text, exponent bounded so that any parser can hold it.
        text: std::borrow::Cow<'a, str>,
        /// Every digit is zero.
        is_zero: bool,
    },
    /// `0x` digits, always with a binary exponent (`p0` is added where there was none).
    Hexadecimal {
        /// The whole text.
        text: std::borrow::Cow<'a, str>,
        /// Every digit is zero.
        is_zero: bool,
    },
}

/// What kind of number a text is; none if `strtod` would not consume all of it, or it is not a number.
pub(crate) fn classify(text: &[u8]) -> Option<FloatText<'_>> {
    let (negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
        return Some(FloatText::Infinity { negative });
    }
    let whole = std::str::from_utf8(text).ok()?;
    if let [b'0', b'x' | b'X', digits @ ..] = unsigned {
        let shape = Shape::of(digits, u8::is_ascii_hexdigit, b'p')?;
        let text = shape.bounded(whole, 'p', digits.len());
        return Some(FloatText::Hexadecimal { text, is_zero: shape.is_zero });
    }
    let shape = Shape::of(unsigned, u8::is_ascii_digit, b'e')?;
    let text =
        if shape.exponent_at.is_some() { shape.bounded(whole, 'e', unsigned.len()) } else { whole.into() };
    Some(FloatText::Decimal { text, is_zero: shape.is_zero })
}

/// What stands where in `digits[.digits][mark[sign]digits]`.
struct Shape {
    is_zero: bool,
    /// Where the exponent's mark stands, in the text that was looked at.
    exponent_at: Option<usize>,
    exponent: i32,
}

/// Exponents are cut off here: far outside what any format or permitted length of text can reach back from.
const EXPONENT_BOUND: i32 = 999_999;

impl Shape {
    fn of(text: &[u8], is_digit: fn(&u8) -> bool, mark: u8) -> Option<Shape> {
        let exponent_at = text.iter().position(|byte| byte.eq_ignore_ascii_case(&mark) && !is_digit(byte));
        let mantissa = &text[..exponent_at.unwrap_or(text.len())];
        let points = mantissa.iter().filter(|&&byte| byte == b'.').count();
        let digits = mantissa.iter().filter(|&byte| is_digit(byte)).count();
        if points > 1 || digits == 0 || points + digits != mantissa.len() {
            return None;
        }
        let exponent = match exponent_at {
            Some(at) => bounded_exponent(&text[at + 1..])?,
            None => 0,
        };
        let is_zero = mantissa.iter().all(|byte| matches!(byte, b'0' | b'.'));
        Some(Shape { is_zero, exponent_at, exponent })
    }

    /// The text with its exponent written out and within bounds; `length` is that of the text the shape is of.
    fn bounded<'a>(&self, whole: &'a str, mark: char, length: usize) -> std::borrow::Cow<'a, str> {
        let prefix = whole.len() - length;
        let mantissa = &whole[..prefix + self.exponent_at.unwrap_or(length)];
        format!("{mantissa}{mark}{}", self.exponent).into()
    }
}

fn bounded_exponent(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0i32, |sum, digit| {
        sum.saturating_mul(10).saturating_add(i32::from(digit - b'0')).min(EXPONENT_BOUND)
    });
    Some(if negative { -size } else { size })
}
