//! Tests of `rewrite.rs`.
