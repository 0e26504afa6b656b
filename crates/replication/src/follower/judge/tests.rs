//! The judge over its whole table.

use super::*;
use log::{Offset, ReplicationId};

fn id(byte: u8) -> ReplicationId {
    ReplicationId::from_random([byte; 20])
}

/// We hold 1000 keys of history 1 up to 500, which came from history 0 at 100.
fn ours() -> Ours {
    let past = vec![(id(0), Offset(100))];
    let standing = Standing { id: id(1), offset: Offset(500), keys: 1000, past, left: Vec::new() };
    Ours { standing, is_safe: true, has_consent: false, host: "10.0.0.1".to_owned(), port: 6379 }
}

fn offer(history: u8, offset: u64, keys: u64, past: &[(u8, u64)]) -> Offer {
    Offer {
        tells_lineage: true,
        id: Some(id(history)),
        offset: Some(Offset(offset)),
        keys: Some(keys),
        past: past.iter().map(|&(history, up_to)| (id(history), Offset(up_to))).collect(),
        left: Vec::new(),
    }
}

fn cause(verdict: Verdict) -> Option<Cause> {
    if let Verdict::Refuse(refusal) = verdict { Some(refusal.cause) } else { None }
}

#[test]
fn continuations_are_followed() {
    for theirs in [
        offer(1, 500, 1000, &[]),
        offer(1, 501, 0, &[]),
        offer(2, 900, 5, &[(1, 500)]),
        offer(3, 900, 5, &[(2, 800), (1, 700), (0, 100)]),
    ] {
        assert_eq!(judge(&ours(), &theirs), Verdict::Follow, "{theirs:?}");
    }
}

#[test]
fn a_branch_without_writes_is_no_more_than_its_past() {
    let mut ours = ours();
    ours.standing.past[0].1 = Offset(500);
    assert_eq!(judge(&ours, &offer(0, 500, 10, &[])), Verdict::Follow);
    assert_eq!(judge(&ours, &offer(7, 900, 10, &[(0, 600)])), Verdict::Follow);
    assert_eq!(cause(judge(&ours, &offer(0, 499, 10, &[]))), Some(Cause::PrimaryBehind));
}

#[test]
fn nothing_to_lose() {
    let mut ours = ours();
    ours.standing.keys = 0;
    for theirs in [offer(9, 0, 0, &[]), offer(1, 3, 1, &[]), Offer::default()] {
        assert_eq!(judge(&ours, &theirs), Verdict::Follow);
    }
}

#[test]
fn worse_ones_are_refused_with_their_cause() {
    for (theirs, wanted) in [
        (offer(9, 0, 0, &[]), Cause::PrimaryEmpty),
        (offer(1, 0, 0, &[]), Cause::PrimaryEmpty),
        (offer(1, 499, 1000, &[]), Cause::PrimaryBehind),
        (offer(2, 9000, 1000, &[(1, 499)]), Cause::PrimaryBehind),
        (offer(2, 9000, 1000, &[(0, 100)]), Cause::PrimaryBehind),
        (offer(0, 9000, 1000, &[]), Cause::PrimaryBehind),
        (offer(9, 9000, 9000, &[(8, 1)]), Cause::PrimaryStrange),
    ] {
        assert_eq!(cause(judge(&ours(), &theirs)), Some(wanted), "{theirs:?}");
    }
}

#[test]
fn consent_and_the_option_let_them_in_and_ours_is_kept() {
    for change in [|ours: &mut Ours| ours.has_consent = true, |ours: &mut Ours| ours.is_safe = false] {
        let mut ours = ours();
        change(&mut ours);
        for theirs in [offer(9, 0, 0, &[]), offer(1, 499, 1000, &[]), offer(9, 9, 9, &[]), Offer::default()] {
            assert_eq!(judge(&ours, &theirs), Verdict::FollowKeeping, "{theirs:?}");
        }
        assert_eq!(judge(&ours, &offer(1, 600, 1, &[])), Verdict::Follow);
    }
}

#[test]
fn a_primary_that_left_our_history_by_order_takes_us_along() {
    let mut theirs = offer(9, 40, 3, &[]);
    theirs.left = vec![id(4), id(1)];
    assert_eq!(judge(&ours(), &theirs), Verdict::FollowKeeping);
}

#[test]
fn foreign_ones_are_compared_unless_they_are_plainly_worse() {
    let foreign = |history, offset, keys| Offer { tells_lineage: false, ..offer(history, offset, keys, &[]) };
    assert_eq!(judge(&ours(), &foreign(9, 0, 900)), Verdict::Compare);
    assert_eq!(judge(&ours(), &Offer::default()), Verdict::Compare);
    assert_eq!(judge(&ours(), &foreign(1, 600, 1)), Verdict::Follow);
    assert_eq!(cause(judge(&ours(), &foreign(9, 0, 0))), Some(Cause::PrimaryEmpty));
    assert_eq!(cause(judge(&ours(), &foreign(9, 0, 899))), Some(Cause::PrimaryStrange));
    assert_eq!(cause(judge(&ours(), &foreign(1, 499, 1000))), Some(Cause::PrimaryBehind));
}

#[test]
fn copies() {
    let of = |keys, sampled, found| judge_copy(&ours(), &Comparison { keys, sampled, found });
    assert_eq!(of(900, 1000, 900), Verdict::FollowKeeping);
    assert_eq!(of(2000, 0, 0), Verdict::FollowKeeping);
    assert_eq!(cause(of(900, 1000, 899)), Some(Cause::PrimaryStrange));
    assert_eq!(cause(of(899, 1000, 1000)), Some(Cause::PrimaryBehind));
    assert_eq!(cause(of(0, 1000, 0)), Some(Cause::PrimaryEmpty));
}

#[test]
fn words() {
    let Verdict::Refuse(refusal) = judge(&ours(), &offer(9, 0, 0, &[])) else { panic!("refused") };
    assert_eq!(
        refusal.words,
        "primary 10.0.0.1:6379 is empty, this node holds 1 000 keys; accept with REPLICAOF 10.0.0.1 6379, take over \
         with REPLICAOF NO ONE"
    );
    let Verdict::Refuse(refusal) = judge(&ours(), &offer(2, 9000, 1000, &[(1, 400)])) else {
        panic!("refused")
    };
    assert!(refusal.words.contains("lacks the last 100 bytes of what was written here"), "{}", refusal.words);
    for (number, text) in [(0, "0"), (999, "999"), (1000, "1 000"), (1_234_567, "1 234 567")] {
        assert_eq!(grouped(number), text);
    }
}
