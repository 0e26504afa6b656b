//! kill -9 at random points under load: what was acknowledged is there again, as far as the mode promises.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use testkit::{AckLedger, Server, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    always_loses_nothing,
    everysec_loses_two_seconds_at_most,
    no_loses_two_seconds_at_most,
);

/// How often each server is killed; OCHRE_KILLS sets another number.
const KILLS: u32 = 6;

/// Clients that write at the same time.
const WRITERS: usize = 3;

fn always_loses_nothing(workers: u32) {
    kill_again_and_again(workers, "always", Duration::ZERO);
}

fn everysec_loses_two_seconds_at_most(workers: u32) {
    kill_again_and_again(workers, "everysec", Duration::from_secs(2));
}

/// The kernel has what was written: a killed process, unlike a lost machine, loses only its own buffers.
fn no_loses_two_seconds_at_most(workers: u32) {
    kill_again_and_again(workers, "no", Duration::from_secs(2));
}

fn kill_again_and_again(workers: u32, mode: &str, window: Duration) {
    let mut server = under_test(workers).line("appendonly yes").line(&format!("appendfsync {mode}")).start();
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut ledgers: Vec<AckLedger> = Vec::new();
    for kill in 0..kills() {
        if random.bool() {
            // The kill may hit the rewrite anywhere, or come after it.
            server.client().run("BGREWRITEAOF");
        }
        let names = (0..WRITERS).map(|writer| format!("kill:{kill}:{writer}"));
        let (written, killed_at) = write_until_killed(&mut server, names, random.u64(1..3000));
        ledgers.extend(written);
        server.restart();
        for ledger in &ledgers {
            let lost = ledger.lost(&mut server.client());
            let too_old =
                lost.iter().find(|write| killed_at.saturating_duration_since(write.acknowledged_at) > window);
            assert!(too_old.is_none(), "seed {seed}, kill {kill}: {} lost, such as {too_old:?}", lost.len());
        }
        // From here on the losses of this round are history: only what is there now must stay.
        if window > Duration::ZERO {
            ledgers.clear();
        }
    }
}

fn kills() -> u32 {
    std::env::var("OCHRE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

/// Writers write until the server dies, which is after so many acknowledgements.
fn write_until_killed(
    server: &mut Server,
    names: impl Iterator<Item = String>,
    acknowledgements: u64,
) -> (Vec<AckLedger>, Instant) {
    let total = AtomicU64::new(0);
    thread::scope(|scope| {
        let writers: Vec<_> = names
            .map(|name| {
                let (total, mut client) = (&total, server.client());
                scope.spawn(move || {
                    let mut ledger = AckLedger::new(&name);
                    while ledger.write(&mut client, fastrand::u64(0..200)).is_ok() {
                        total.fetch_add(1, Relaxed);
                    }
                    ledger
                })
            })
            .collect();
        wait_until("enough is acknowledged", || total.load(Relaxed) >= acknowledgements);
        let killed_at = Instant::now();
        server.kill9();
        (writers.into_iter().map(|writer| writer.join().expect("no panic")).collect(), killed_at)
    })
}
