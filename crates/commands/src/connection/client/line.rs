//! A client as one line, the way CLIENT LIST, CLIENT INFO and the log show it.

use crate::prelude::*;
use engine::client::card::Card;
use std::fmt::Write;
use std::sync::atomic::Ordering::Relaxed;

/// What a reply buffer holds before Redis would keep a list of them, in bytes.
const STATIC_BUFFER_BYTES: u64 = 16 * 1024;

/// The client's line, without the line's end.
pub(crate) fn describe(ctx: &Context<'_>, card: &Card) -> String {
    let mut line = String::with_capacity(400);
    // Writing to a string cannot fail.
    let _ = identity(&mut line, ctx, card);
    let _ = state(&mut line, card);
    let _ = buffers(&mut line, card);
    let _ = origin(&mut line, ctx, card);
    line
}

fn identity(line: &mut String, ctx: &Context<'_>, card: &Card) -> std::fmt::Result {
    let age_s = (ctx.now_ms() - card.created_ms).max(0) / 1000;
    let idle_s = (ctx.now_ms() - card.last_request_ms.load(Relaxed) as i64).max(0) / 1000;
    let name = String::from_utf8_lossy(&card.texts.lock().name).into_owned();
    write!(line, "id={} addr={} laddr={} ", card.id, card.address, card.local_address)?;
    write!(line, "fd={} name={name} age={age_s} idle={idle_s} ", card.descriptor)
}

fn state(line: &mut String, card: &Card) -> std::fmt::Result {
    let queued = i64::from(card.queued_plus_one.load(Relaxed)) - 1;
    let (flags, database) = (card.flag_letters(), card.database.load(Relaxed));
    let watched = card.watched.load(Relaxed);
    let [sub, psub, ssub] = [0, 1, 2].map(|scope: usize| card.subscriptions[scope].load(Relaxed));
    write!(line, "flags={flags} db={database} sub={sub} psub={psub} ssub={ssub} ")?;
    write!(line, "multi={queued} watch={watched} ")
}

fn buffers(line: &mut String, card: &Card) -> std::fmt::Result {
    let (input, free) = (card.query_buffer_bytes.load(Relaxed), card.query_buffer_free_bytes.load(Relaxed));
    let (output, capacity) = (card.outbox_bytes.load(Relaxed), card.outbox_capacity_bytes.load(Relaxed));
    let is_long = output > STATIC_BUFFER_BYTES;
    let (short, pieces, long) = if is_long { (0, 1, capacity) } else { (output, 0, 0) };
    let events = if output > 0 { "rw" } else { "r" };
    let queued = card.queue_bytes.load(Relaxed);
    let (kept, peak) = (card.kept_room_bytes.load(Relaxed), card.kept_room_peak_bytes.load(Relaxed));
    write!(line, "qbuf={input} qbuf-free={free} argv-mem=0 multi-mem={queued} rbs={kept} rbp={peak} ")?;
    write!(line, "obl={short} oll={pieces} omem={long} tot-mem={} events={events} ", card.used_bytes())
}

fn origin(line: &mut String, ctx: &Context<'_>, card: &Card) -> std::fmt::Result {
    let commands = ctx.engine.table.all();
    let last = commands.get(usize::from(card.last_command.load(Relaxed)));
    let last = last.map_or("NULL", |command| command.full_name.as_str());
    let redirect = card.redirect.load(Relaxed);
    let texts = card.texts.lock().clone();
    let library = String::from_utf8_lossy(&texts.library_name).into_owned();
    let version = String::from_utf8_lossy(&texts.library_version).into_owned();
    write!(line, "cmd={last} user={} redir={redirect} resp={} ", texts.user, card.protocol.load(Relaxed))?;
    write!(line, "lib-name={library} lib-ver={version} io-thread={} ", card.worker)?;
    let (received, sent) = (card.input_bytes.load(Relaxed), card.output_bytes.load(Relaxed));
    write!(line, "tot-net-in={received} tot-net-out={sent} tot-cmds={}", card.commands.load(Relaxed))
}
