//! Notes what was out of the ordinary about a command that has run: it took long, or its request or reply was large.

use super::context::Context;
use crate::client::card::ClientKind;
use crate::command::flags::Flags;
use crate::command::index::Indexed;
use crate::config::options::Statistics;
use crate::observability::command_log::{LogKind, Noted};

/// The measures of a command that has run.
#[derive(Clone, Copy)]
pub(super) struct Measures {
    /// How long it took in nanoseconds; 0 when that was not measured.
    pub ns: u64,
    /// Bytes of the request, if it came as a multibulk.
    pub request_bytes: usize,
    /// Bytes of the reply.
    pub reply_bytes: usize,
}

impl Measures {
    /// Whether anything could have to be noted. Runs for every command.
    #[inline]
    fn are_unusual(self, options: &Statistics) -> bool {
        // -1, which keeps nothing, is more than anything measured.
        let least_us = options.slowlog_log_slower_than.cast_unsigned();
        let least_spike_ms = options.latency_monitor_threshold.wrapping_sub(1);
        self.ns >= least_us.saturating_mul(1000)
            || self.ns / 1_000_000 > least_spike_ms
            || self.request_bytes as u64 >= options.commandlog_request_larger_than.cast_unsigned()
            || self.reply_bytes as u64 >= options.commandlog_reply_larger_than.cast_unsigned()
    }
}

/// Notes a command in the logs and with the latency monitor, where its measures say so.
#[inline]
pub(super) fn note(context: &mut Context<'_>, command: &Indexed, measures: Measures) {
    if measures.are_unusual(&context.engine.config.statistics) {
        note_down(context, command, measures);
    }
}

#[cold]
fn note_down(context: &mut Context<'_>, command: &Indexed, measures: Measures) {
    if context.client.kind == ClientKind::Internal {
        return; // A file is being loaded.
    }
    let flags = command.command.spec.flags;
    let us = measures.ns / 1000;
    let event = if flags.has(Flags::FAST) { "fast-command" } else { "command" };
    context.engine.note_latency(event, us);
    if flags.has(Flags::SKIP_SLOWLOG) {
        return;
    }
    let noted = Noted {
        time_s: context.engine.clock.wall_ms / 1000,
        request: context.request,
        hidden: context.hidden,
        card: &context.client.card,
    };
    let (logs, options) = (&mut context.engine.command_logs, &context.engine.config.statistics);
    logs.note(LogKind::Slow, &noted, us, options);
    logs.note(LogKind::LargeRequest, &noted, measures.request_bytes as u64, options);
    logs.note(LogKind::LargeReply, &noted, measures.reply_bytes as u64, options);
}
