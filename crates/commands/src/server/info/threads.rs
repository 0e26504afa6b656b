//! INFO's section `Threads`: what each worker does.

use engine::execute::context::Context;
use engine::observability::info::InfoWriter;
use engine::observability::stats::WorkerStats;
use std::iter;

pub(super) fn write(ctx: &mut Context<'_>, info: &mut InfoWriter) {
    let engine = &*ctx.engine;
    let counters = engine.stats.by_worker.iter().copied().chain(iter::repeat(WorkerStats::default()));
    for (number, counters) in (0..engine.config.general.io_threads).zip(counters) {
        let clients = engine.clients.cards().filter(|card| u32::from(card.worker) == number).count();
        info.field(
            &format!("io_thread_{number}"),
            format_args!("clients={clients},reads={},writes={}", counters.reads, counters.writes),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check_on};

    #[test]
    fn a_line_for_each_worker() {
        let mut bench = Bench::new();
        bench.node.engine.config.general.io_threads = 2;
        bench.node.engine.stats.worker(0).writes = 7;
        let expected = r##"INFO threads -> "# Threads\r\nio_thread_0:clients=0,reads=0,writes=7\r\nio_thread_1:clients=0,reads=0,writes=0\r\n""##;
        check_on(&mut bench, expected);
    }
}
