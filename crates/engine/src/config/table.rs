//! All rows, and finding one by name.

use super::option::Row;
use super::options::AREAS;

/// All options in the order of the sample file.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    AREAS.iter().flat_map(|(_, rows)| rows.iter())
}

/// The option of a name or alias in any case, with the spelling of the table.
pub(super) fn find(name: &[u8]) -> Option<(&'static Row, &'static str)> {
    rows().find_map(|row| {
        let spelled = row.names().find(|known| known.as_bytes().eq_ignore_ascii_case(name))?;
        Some((row, spelled))
    })
}

/// Whether the option of this name holds a password, so that a log shows `(redacted)` instead of a request's value.
pub fn is_secret(name: &[u8]) -> bool {
    find(name).is_some_and(|(row, _)| row.is_secret)
}
