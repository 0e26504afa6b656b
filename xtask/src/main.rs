//! The workspace's own commands: test, verify, fix, bench.
fn main() {}
