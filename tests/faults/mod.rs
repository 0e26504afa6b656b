//! Networks and processes that fail while servers replicate: what may be lost, what must go on where it was, and what is
//! said of it.

mod causes;
mod cluster;
mod demand;
mod judge;
mod load;
mod run;
mod scenario;
mod scenarios;

use std::env;

use testkit::Program;

/// The servers that `OCHRE_FAULT_WITH` names, to be shown beside ours.
fn peers() -> Vec<Program> {
    let named = env::var("OCHRE_FAULT_WITH").unwrap_or_default();
    let find = |name: &str| match name {
        "redis_7" => Program::redis_7(),
        "redis_8" => Program::redis_8(),
        "valkey_9" => Program::valkey_9(),
        _ => panic!("OCHRE_FAULT_WITH knows redis_7, redis_8 and valkey_9, not {name}"),
    };
    let names = named.split(',').filter(|name| !name.is_empty());
    names.map(|name| find(name).unwrap_or_else(|| panic!("{name} is not on this machine"))).collect()
}
