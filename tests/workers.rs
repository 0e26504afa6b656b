//! Running the same checks with one worker and with two.

use testkit::{Program, Server, ServerBuilder};

/// A builder of the server under test with this many workers.
pub fn under_test(workers: u32) -> ServerBuilder {
    Server::builder(&Program::under_test()).workers(workers)
}

/// Makes two tests of each check, `one_worker::NAME` and `two_workers::NAME`; a check takes the number of workers.
macro_rules! with_one_and_two_workers {
    ($($check:ident),* $(,)?) => {
        mod one_worker {
            $(#[test] fn $check() { super::$check(1); })*
        }
        mod two_workers {
            $(#[test] fn $check() { super::$check(2); })*
        }
    };
}
pub(crate) use with_one_and_two_workers;
