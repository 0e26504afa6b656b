//! Requests that touch no data: what a request costs by itself.

use super::Row;

/// The rows.
pub const ROWS: &[Row] = &[
    Row { name: "PING", request: "PING", ..Row::NEW },
    Row { name: "ECHO", request: "ECHO __data__", ..Row::NEW },
];
