//! Passwords and the names that go with them.

use std::fmt;

use stdx::bytes::quoted;

use super::{Given, Kind, Line};
use crate::config::Refusal;

/// Bytes that logs and crash reports must not show; empty stands for none.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// No secret.
    pub const NONE: Self = Self(Vec::new());

    /// A secret of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves. Not for logs.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

/// Any bytes, kept as a [`Secret`].
pub enum SecretText {}

impl Kind for SecretText {
    type Value = Secret;

    const IS_SECRET: bool = true;

    fn parse(given: &Given<'_, Secret>) -> Result<Secret, Refusal> {
        Ok(Secret::new(given.word()))
    }

    fn print(value: &Secret) -> Vec<u8> {
        value.0.clone()
    }

    fn write(value: &Secret) -> Vec<u8> {
        quoted(&value.0).into_bytes()
    }

    fn accepts() -> String {
        "text, or \"\" for none".to_owned()
    }

    /// None when there is none: a rewritten file should not suggest that an empty password is one.
    fn lines(name: &str, value: &Secret, _default: &Secret) -> Vec<Line> {
        if value.is_empty() { Vec::new() } else { vec![Line::new(name, &Self::write(value), true)] }
    }
}
