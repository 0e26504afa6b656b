//! The crate as a whole, in process.
