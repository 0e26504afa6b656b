//! The commands on hashes.

use engine::command::Command;

mod hdel;
mod hexists;
mod hexpire;
mod hget;
mod hgetall;
mod hgetdel;
mod hgetex;
mod hincrby;
mod hincrbyfloat;
mod hlen;
mod hmget;
mod hpersist;
mod hrandfield;
mod hscan;
mod hset;
mod hsetex;
mod hsetnx;
mod hstrlen;
mod httl;

/// The commands of the group, by file.
pub(crate) const COMMANDS: &[&[Command]] = &[
    hdel::COMMANDS,
    hexists::COMMANDS,
    hexpire::COMMANDS,
    hget::COMMANDS,
    hgetall::COMMANDS,
    hgetdel::COMMANDS,
    hgetex::COMMANDS,
    hincrby::COMMANDS,
    hincrbyfloat::COMMANDS,
    hlen::COMMANDS,
    hmget::COMMANDS,
    hpersist::COMMANDS,
    hrandfield::COMMANDS,
    hscan::COMMANDS,
    hset::COMMANDS,
    hsetex::COMMANDS,
    hsetnx::COMMANDS,
    hstrlen::COMMANDS,
    httl::COMMANDS,
];
