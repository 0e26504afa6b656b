//! Tests of `keyspace`.
