//! The cursor with which a command reads its arguments: whole and before it touches data.

use super::Stop;
use resp::request::Request;

/// The arguments of a request from some place on.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    request: Request<'a>,
    position: usize,
}

impl<'a> Args<'a> {
    /// The arguments of `request` from word `position` on.
    #[inline]
    pub fn new(request: Request<'a>, position: usize) -> Self {
        Args { request, position }
    }

    /// The whole request.
    pub fn request(&self) -> Request<'a> {
        self.request
    }

    /// How many arguments are left.
    pub fn len(&self) -> usize {
        self.request.len().saturating_sub(self.position)
    }

    /// Whether no argument is left.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next argument; a syntax error when there is none.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "a cursor that fails, not an iterator")]
    pub fn next(&mut self) -> Result<&'a [u8], Stop> {
        if self.position >= self.request.len() {
            return Err(Stop::SYNTAX);
        }
        let word = self.request.word(self.position);
        self.position += 1;
        Ok(word)
    }

    /// The next argument without stepping over it.
    pub fn peek(&self) -> Option<&'a [u8]> {
        (!self.is_empty()).then(|| self.request.word(self.position))
    }

    /// The arguments that are left, as slices.
    pub fn rest(&self) -> impl ExactSizeIterator + DoubleEndedIterator<Item = &'a [u8]> + Clone + use<'a> {
        let request = self.request.skip(self.position);
        (0..request.len()).map(move |index| request.word(index))
    }

    /// Steps over the next argument if it is this word, in any case.
    pub fn keyword(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word.as_bytes()));
        self.position += usize::from(found);
        found
    }

    /// The next argument as an integer.
    #[inline]
    pub fn integer(&mut self) -> Result<i64, Stop> {
        stdx::number::parse_i64(self.next()?).ok_or(Stop::NOT_AN_INTEGER)
    }

    /// The next argument as an integer, with an error of one's own.
    pub fn integer_or(&mut self, error: &'static str) -> Result<i64, Stop> {
        stdx::number::parse_i64(self.next()?).ok_or(Stop::error(error))
    }

    /// The next argument as an integer within bounds; Redis's range error otherwise.
    pub fn integer_in(&mut self, least: i64, most: i64, error: &'static str) -> Result<i64, Stop> {
        let number = self.integer()?;
        if (least..=most).contains(&number) { Ok(number) } else { Err(Stop::error(error)) }
    }

    /// The next argument as a floating point number.
    pub fn float(&mut self) -> Result<f64, Stop> {
        stdx::number::parse_f64(self.next()?).ok_or(Stop::NOT_A_FLOAT)
    }

    /// A syntax error if arguments are left.
    pub fn end(&self) -> Result<(), Stop> {
        if self.is_empty() { Ok(()) } else { Err(Stop::SYNTAX) }
    }
}
