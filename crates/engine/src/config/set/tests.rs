//! Tests of `set.rs`.
