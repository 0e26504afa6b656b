//! The programs of `python/` and `node/`: each is one test, on a server with one worker and on one with two.

use super::runtime::Runtime::{Node, Python};
use crate::workers::with_one_and_two_workers;

with_one_and_two_workers!(redis_py, redis_py_async, jobs_on_lists, jobs_on_streams, ioredis, node_redis);

fn redis_py(workers: u32) {
    Python.run("redis_py.py", workers);
}

fn redis_py_async(workers: u32) {
    Python.run("redis_py_async.py", workers);
}

fn jobs_on_lists(workers: u32) {
    Python.run("jobs_on_lists.py", workers);
}

fn jobs_on_streams(workers: u32) {
    Python.run("jobs_on_streams.py", workers);
}

fn ioredis(workers: u32) {
    Node.run("ioredis.js", workers);
}

fn node_redis(workers: u32) {
    Node.run("node_redis.js", workers);
}
