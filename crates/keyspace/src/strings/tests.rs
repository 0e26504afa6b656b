//! Tests of `strings`.
