//! Client libraries as applications use them: programs in the libraries' own languages, which assert what they get.

mod crate_redis;
mod crate_redis_async;
mod programs;
mod runtime;
