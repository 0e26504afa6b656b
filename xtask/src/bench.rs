//! `cargo xtask bench`.

/// Measures.
///
/// # Errors
///
/// A sentence.
pub fn run(_: impl Iterator<Item = String>) -> Result<(), String> {
    Err("bench comes in the next commit".to_owned())
}
