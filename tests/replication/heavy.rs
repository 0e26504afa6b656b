//! A million keys under write load.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;

use testkit::{Proxy, Server, wait_until};

use super::pairs::{Pair, await_link, counter, must_have_the_same_digest, with_every_peer};
use super::workload::write_many;

/// Keys before the sync; the load overwrites them and adds as many again.
const KEYS: u32 = 1_000_000;

/// Writes that the load makes at least while the link is being cut and restored.
const WRITES_AROUND_THE_CUT: u64 = 20_000;

with_every_peer!(a_million_keys);

/// Full sync, cut and partial resync, all while two clients write; afterwards both hold the same.
fn a_million_keys(pair: &Pair) {
    let lines = "repl-backlog-size 256mb\nclient-output-buffer-limit replica 0 0 0";
    let primary = pair.primary().lines(lines).start();
    populate(&primary);
    let proxy = Proxy::to(&primary.address());
    let stop = AtomicBool::new(false);
    let written = AtomicU64::new(0);
    thread::scope(|scope| {
        for seed in 0..2 {
            let (primary, stop, written) = (&primary, &stop, &written);
            scope.spawn(move || load(primary, seed, stop, written));
        }
        let replica = pair.replica(&proxy.address()).start();
        await_link(&replica);
        let begin = written.load(Relaxed);
        wait_until("the load goes on", || written.load(Relaxed) > begin + WRITES_AROUND_THE_CUT);
        proxy.cut();
        wait_until("the load goes on", || written.load(Relaxed) > begin + 2 * WRITES_AROUND_THE_CUT);
        await_link(&replica);
        stop.store(true, Relaxed);
        must_have_the_same_digest(&primary, &replica);
        assert_eq!((counter(&primary, "sync_full"), counter(&primary, "sync_partial_ok")), (1, 1));
    });
}

/// A million keys, a tenth of them with an expiry.
fn populate(primary: &Server) {
    let mut client = primary.client();
    assert!(client.run(&format!("DEBUG POPULATE {} key 30", KEYS - KEYS / 10)).is_ok());
    write_many(&mut client, "expiring", KEYS / 10);
}

/// Overwrites, expires, adds and deletes random keys until told to stop.
fn load(primary: &Server, seed: u64, stop: &AtomicBool, written: &AtomicU64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut client = primary.client();
    while !stop.load(Relaxed) {
        let batch: Vec<Vec<String>> = (0..32).map(|_| random_write(&mut random)).collect();
        for reply in client.pipeline(&batch) {
            assert!(!reply.is_error(), "the load was refused: {reply}");
        }
        written.fetch_add(batch.len() as u64, Relaxed);
    }
}

/// No key of these expires soon: a digest takes seconds, and must not change meanwhile.
fn random_write(random: &mut fastrand::Rng) -> Vec<String> {
    let key = format!("key:{}", random.u32(0..2 * KEYS));
    let line = match random.u32(0..10) {
        0 => format!("DEL {key}"),
        1 => format!("SET {key} v{} EX 5000", random.u32(..)),
        2 => format!("APPEND {key} x"),
        _ => format!("SET {key} value:{}", random.u64(..)),
    };
    line.split(' ').map(str::to_owned).collect()
}
