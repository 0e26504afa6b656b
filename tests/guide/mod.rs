//! The replication guide, word for word: its configuration lines, its session, its outcome.

mod chapters;
mod fields;
mod shell;
mod terminal;

use std::env;
use std::path::PathBuf;

use chapters::Guide;
use testkit::{find_on_path, skip, target_program};

#[test]
fn followed_with_redis_cli() {
    match find_on_path("redis-cli") {
        Some(program) => follow(program),
        None => skip("there is no redis-cli on PATH"),
    }
}

#[test]
fn followed_with_ochre_cli() {
    let named = env::var_os("OCHRE_TEST_CLI").map(PathBuf::from);
    follow(named.unwrap_or_else(|| target_program("ochre-cli")));
}

/// Goes through the guide from the first line to the last.
fn follow(command_line: PathBuf) {
    let mut guide = Guide::begin(command_line);
    guide.ping_the_untouched_master();
    guide.configure_the_master();
    guide.configure_the_slave();
    guide.compare_both_sides();
    guide.write_on_the_slave();
    guide.promote_the_slave_and_return();
    guide.lose_the_master();
    guide.bring_the_old_master_back();
    guide.point_a_second_slave_at_the_promoted_first();
}
