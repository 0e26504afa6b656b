//! MEMORY DOCTOR: what is unusual about the memory, in words.

use super::MEMORY;
use super::accounts::Accounts;
use crate::prelude::*;
use stdx::bytes::human_bytes;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec { name: "DOCTOR", summary: "Tells in words what is unusual about the memory.", ..MEMORY },
};

/// Below this nothing can be said, in bytes.
const TOO_LITTLE_BYTES: u64 = 5 << 20;
/// What a client may take at the mean before it is unusual, in bytes.
const LARGE_CLIENT_BYTES: u64 = 200 << 10;
/// Likewise a replica.
const LARGE_REPLICA_BYTES: u64 = 10 << 20;
/// What is lost between what is allocated and what the process takes before it is unusual, in bytes.
const LARGE_LOSS_BYTES: u64 = 10 << 20;

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let accounts = Accounts::of(ctx);
    let replicas = ctx.engine.replication.replicas.len() as u64;
    let clients = (ctx.engine.clients.len() as u64).saturating_sub(replicas);
    let text = report(&accounts, clients, replicas);
    ctx.reply.verbatim("txt", text.as_bytes());
    Ok(())
}

fn report(accounts: &Accounts, clients: u64, replicas: u64) -> String {
    if accounts.figures.allocated_bytes < TOO_LITTLE_BYTES {
        return "So little memory is in use that nothing can be said about it. Ask again when there is data.\n".to_owned();
    }
    let found: Vec<String> = [
        peak(accounts),
        fragmentation(accounts),
        of_clients(accounts, clients),
        of_replicas(accounts, replicas),
    ]
    .into_iter()
    .flatten()
    .collect();
    if found.is_empty() {
        return "There is nothing unusual about the memory.\n".to_owned();
    }
    found.iter().map(|one| format!("- {one}\n")).collect()
}

fn peak(accounts: &Accounts) -> Option<String> {
    let (peak, used) = (accounts.peak_bytes, accounts.figures.allocated_bytes);
    (peak > used + used / 2).then(|| {
        format!(
            "The peak of {} is far above the {} in use now. The allocator may hold on to memory of then: MEMORY PURGE gives \
             it back.",
            human_bytes(peak),
            human_bytes(used)
        )
    })
}

/// Compared without the peak: memory of then explains itself.
fn fragmentation(accounts: &Accounts) -> Option<String> {
    let (rss, used) = (accounts.figures.rss_bytes, accounts.figures.allocated_bytes);
    let is_much = rss > used + used / 5 * 2 && rss.saturating_sub(used) > LARGE_LOSS_BYTES;
    (is_much && peak(accounts).is_none()).then(|| {
        format!(
            "The process takes {} for {} in use. Many values of changing sizes leave gaps; MEMORY PURGE closes some of them, a \
             start from a file all.",
            human_bytes(rss),
            human_bytes(used)
        )
    })
}

fn of_clients(accounts: &Accounts, clients: u64) -> Option<String> {
    let mean = accounts.clients_bytes.checked_div(clients)?;
    (mean > LARGE_CLIENT_BYTES).then(|| {
        format!(
            "Clients take {} each at the mean: long pipelines, or replies that are not read. CLIENT LIST shows which, \
             client-output-buffer-limit ends them.",
            human_bytes(mean)
        )
    })
}

fn of_replicas(accounts: &Accounts, replicas: u64) -> Option<String> {
    let mean = accounts.replicas_bytes.checked_div(replicas)?;
    (mean > LARGE_REPLICA_BYTES).then(|| {
        format!(
            "Replicas take {} each at the mean: they, or the way to them, are too slow for the writes.",
            human_bytes(mean)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{Accounts, report};
    use crate::testing::Bench;
    use engine::facts::process::MemoryFigures;

    fn accounts(used_mb: u64, rss_mb: u64, peak_mb: u64) -> Accounts {
        Accounts {
            figures: MemoryFigures {
                allocated_bytes: used_mb << 20,
                rss_bytes: rss_mb << 20,
                ..MemoryFigures::default()
            },
            peak_bytes: peak_mb << 20,
            startup_bytes: 0,
            backlog_bytes: 0,
            replicas_bytes: 0,
            clients_bytes: 0,
            append_only_bytes: 0,
            uncounted_bytes: 0,
            tables: Vec::new(),
            keys: 0,
        }
    }

    #[test]
    fn tells_what_is_unusual() {
        assert_eq!(report(&accounts(100, 110, 100), 1, 0), "There is nothing unusual about the memory.\n");
        assert!(
            report(&accounts(100, 110, 151), 1, 0)
                .starts_with("- The peak of 151.00M is far above the 100.00M")
        );
        assert!(
            report(&accounts(100, 150, 100), 1, 0).starts_with("- The process takes 150.00M for 100.00M")
        );
        let mut large = accounts(100, 110, 100);
        (large.clients_bytes, large.replicas_bytes) = (1 << 20, 30 << 20);
        let text = report(&large, 2, 1);
        assert!(
            text.contains("- Clients take 512.00K each") && text.contains("- Replicas take 30.00M each"),
            "{text}"
        );
    }

    #[test]
    fn says_nothing_of_little() {
        assert!(Bench::new().run("MEMORY DOCTOR").starts_with("\"So little memory"));
    }
}
