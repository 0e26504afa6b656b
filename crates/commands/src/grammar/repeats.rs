//! Replies that repeat elements as often as is asked for: how long they get.

use engine::execute::context::Context;

/// No reply of repeated elements grows beyond this, even where no limit is configured.
const REPLY_BYTES_MAX: usize = 256 << 20;

/// Looks at the length of a reply that is being written.
pub(crate) struct Room {
    end: usize,
}

impl Room {
    /// What a client's replies may take: from `client-output-buffer-limit`, and a limit for those that have none there.
    pub(crate) fn of(ctx: &Context<'_>) -> Room {
        let limit = ctx.engine.config.clients.client_output_buffer_limit.normal.hard_bytes;
        let end = usize::try_from(limit).ok().filter(|&limit| limit > 0).unwrap_or(REPLY_BYTES_MAX);
        Room { end: end.min(REPLY_BYTES_MAX) }
    }

    /// Whether there is room for more behind so many bytes.
    pub(crate) fn is_left(&self, written_bytes: usize) -> bool {
        written_bytes < self.end
    }

    /// A reply that was cut short cannot be sent: its client is closed.
    pub(crate) fn close_if_full(&self, ctx: &mut Context<'_>) {
        if !self.is_left(ctx.reply.written_bytes()) {
            ctx.engine.clients.close(ctx.client.card.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;
    use engine::config::Caller;

    #[test]
    fn repeats_end_where_there_is_no_room() {
        for request in ["SRANDMEMBER s", "SRANDMEMBER p", "HRANDFIELD h", "ZRANDMEMBER z"] {
            let mut bench = Bench::new();
            let option: (&[u8], &[u8]) = (b"client-output-buffer-limit", b"normal 100000 0 0");
            bench.node.engine.config.set(&[option], Caller::Local).expect("a limit");
            for fill in ["SADD s 1 2 3", "SADD p a b", "HSET h a 1", "ZADD z 1 a"] {
                bench.run(fill);
            }
            let whole = bench.reply_bytes(&format!("{request} -100"));
            assert!((700..800).contains(&whole), "{request}: {whole}");
            let cut = bench.reply_bytes(&format!("{request} -4611686018427387903"));
            assert!((100_000..100_100).contains(&cut), "{request}: {cut}");
        }
    }
}
