//! Whole numbers within bounds.

use std::fmt::Display;
use std::marker::PhantomData;

use stdx::number;

use super::{Given, Kind};
use crate::config::Refusal;

/// A decimal number from MIN to MAX, held as `T`.
pub struct Integer<T, const MIN: i64, const MAX: i64>(PhantomData<T>);

impl<T, const MIN: i64, const MAX: i64> Kind for Integer<T, MIN, MAX>
where
    T: TryFrom<i64> + Copy + PartialEq + Display,
{
    type Value = T;

    fn parse(given: &Given<'_, T>) -> Result<T, Refusal> {
        let number = number::parse_i64(given.word())
            .ok_or(Refusal::new("argument couldn't be parsed into an integer"))?;
        let bounded = if (MIN..=MAX).contains(&number) { T::try_from(number).ok() } else { None };
        bounded.ok_or_else(|| out_of_bounds(MIN, MAX))
    }

    fn print(value: &T) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    fn accepts() -> String {
        format!("a number from {MIN} to {MAX}")
    }
}

/// The refusal of a value outside its bounds.
pub(super) fn out_of_bounds(min: impl Display, max: impl Display) -> Refusal {
    Refusal::new(format!("argument must be between {min} and {max} inclusive"))
}

/// Turns of the housekeeping timer a second. Any number is taken and brought into 1 to 500.
pub enum Hertz {}

impl Hertz {
    const MAX: u32 = 500;
}

impl Kind for Hertz {
    type Value = u32;

    fn parse(given: &Given<'_, u32>) -> Result<u32, Refusal> {
        let hertz = Integer::<u32, 0, { i32::MAX as i64 }>::parse(given)?;
        Ok(hertz.clamp(1, Self::MAX))
    }

    fn print(value: &u32) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    fn accepts() -> String {
        format!("a number, brought into 1 to {}", Self::MAX)
    }
}
