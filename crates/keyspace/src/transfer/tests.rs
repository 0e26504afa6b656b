//! Tests of `transfer`.
