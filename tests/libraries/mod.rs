//! Client libraries as applications use them: programs in the libraries' own languages, which assert what they get.
#![expect(clippy::unwrap_used, reason = "each call of a library must succeed, and its error says enough")]

mod crate_redis;
mod crate_redis_async;
mod programs;
mod runtime;
