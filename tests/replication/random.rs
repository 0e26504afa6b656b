//! Random commands of every group, of the grammar that the comparison with real servers draws from: what a primary made
//! of them, its replica holds.

use testkit::{Program, Vendor};

use super::pairs::{Pair, must_have_the_same_data, must_have_the_same_digest, with_every_peer};
use crate::differential::{Kind, random_changes};

with_every_peer!(random_commands_have_the_same_effects);

/// Commands between two comparisons.
const ROUND: usize = 600;

/// Comparisons of one pair.
const ROUNDS: u64 = 4;

/// The commands that the primary knows and whose effects the replica can be told of.
fn kind(pair: &Pair) -> Kind {
    let is_redis_7 = |program: &Program| program.vendor == Vendor::Redis && program.version < (7, 2, 0);
    let is_told_of_fields = pair.replica.vendor != Vendor::Valkey || pair.primary.vendor == Vendor::Valkey;
    match pair.primary.vendor {
        _ if is_redis_7(&pair.primary) || is_redis_7(&pair.replica) || !is_told_of_fields => Kind::Redis7,
        Vendor::Redis => Kind::Redis8,
        Vendor::Ochre if pair.replica.vendor == Vendor::Redis => Kind::Redis8,
        Vendor::Ochre | Vendor::Valkey => Kind::Valkey9,
    }
}

fn random_commands_have_the_same_effects(pair: &Pair) {
    let (primary, replica) = pair.linked();
    let kind = kind(pair);
    for seed in 1..=ROUNDS {
        primary.client().pipeline(&random_changes(kind, seed, ROUND));
        must_have_the_same_data(&primary, &replica);
        // Redis 7.0 sums scores up with more digits, and Valkey leaves out when fields expire.
        let counts_alike = if kind == Kind::Redis7 {
            pair.replica.vendor == Vendor::Valkey
        } else {
            pair.primary.vendor != Vendor::Valkey
        };
        if counts_alike {
            must_have_the_same_digest(&primary, &replica);
        }
    }
}
