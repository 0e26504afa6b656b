//! Arguments that several commands share.

pub(crate) mod bits;
pub(crate) mod bounds;
pub(crate) mod client_text;
pub(crate) mod database;
pub(crate) mod decimal;
pub(crate) mod element;
pub(crate) mod expiry;
pub(crate) mod fields;
pub(crate) mod help;
pub(crate) mod list_end;
pub(crate) mod pop_many;
pub(crate) mod range;
pub(crate) mod repeats;
pub(crate) mod scan;
pub(crate) mod timeout;
