//! Tests of `expiry`: few among many are found, budgets hold, databases take turns.

use super::*;
use crate::{ExpiryMode, NewExpiry, View};

const VIEW: View = View { database: 0, now_ms: 10_000, expiry: ExpiryMode::Delete, touch: true };

#[test]
fn few_expired_keys_among_many_are_found() {
    let mut keyspace = Keyspace::new(16, [1, 2]);
    for number in 0..50_000_u32 {
        let expiry = if number.is_multiple_of(10_000) { NewExpiry::At(10_001) } else { NewExpiry::Clear };
        keyspace.keys(VIEW).set_string(&number.to_le_bytes(), b"", expiry);
    }
    let report = keyspace.expire_cycle(10_002, ExpireBudget::of_effort(1));
    assert_eq!((report.expired, report.sampled, report.complete), (5, 5, true));
    assert_eq!((keyspace.expires_len(0), keyspace.len(0)), (0, 49_995));
    assert_eq!((keyspace.changes().removed.len(), keyspace.statistics().expired_actively), (5, 5));
    assert_eq!(keyspace.expire_cycle(10_002, ExpireBudget::of_effort(1)).sampled, 0);
}

#[test]
fn the_budget_holds_and_cycles_go_on() {
    let mut keyspace = Keyspace::new(2, [1, 2]);
    for number in 0..20_000_u32 {
        let database = u32::from(number >= 15_000);
        keyspace.keys(View { database, ..VIEW }).set_string(
            &number.to_le_bytes(),
            b"",
            NewExpiry::At(10_001),
        );
    }
    let mut cycles = 0;
    while keyspace.expires_len(0) + keyspace.expires_len(1) > 0 {
        let report = keyspace.expire_cycle(20_000, ExpireBudget::of_effort(1));
        assert!(report.sampled < 200 + 512, "at most a segment more than the budget");
        assert!(report.stale_fraction == 1.0 || report.sampled == 0);
        cycles += 1;
    }
    assert!((30..110).contains(&cycles), "{cycles} cycles");
    assert!(keyspace.statistics().stale_fraction > 0.5);
    assert_eq!((keyspace.len(0), keyspace.len(1), keyspace.changes().removed.len()), (0, 0, 20_000));
}

#[test]
fn what_is_alive_stays_and_its_ttl_is_known() {
    let mut keyspace = Keyspace::new(1, [1, 2]);
    for number in 0..100_u32 {
        keyspace.keys(VIEW).set_string(&number.to_le_bytes(), b"", NewExpiry::At(13_000));
    }
    let report = keyspace.expire_cycle(10_000, ExpireBudget::of_effort(10));
    assert_eq!((report.expired, report.sampled, report.stale_fraction), (0, 100, 0.0));
    assert_eq!(keyspace.average_ttl_ms(0), 3_000);
    assert_eq!(keyspace.len(0), 100);
}
