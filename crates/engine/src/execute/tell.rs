//! Tells those who want to know what a command changed, and that it ran: who watches, waits, subscribes, caches, monitors.

use super::context::Context;
use crate::client::card::ClientId;
use crate::client::session::Session;
use crate::command::WaitOn;
use crate::command::flags::Flags;
use crate::command::index::{CommandId, Indexed};
use crate::engine::{Engine, Node};
use crate::notify::keyspace_events;
use crate::notify::monitor::Seen;
use crate::notify::tracking::Post;
use keyspace::{Class, Keyspace};
use resp::request::Request;

/// Tells of the keys that were changed since the last call. `current` is the client that did it, if one did.
#[inline(never)]
pub(super) fn tell_of_changes(keyspace: &mut Keyspace, engine: &mut Engine, current: Option<ClientId>) {
    let modified = &mut keyspace.changes_mut().modified;
    let published = engine.published_events();
    let Engine { notify, clients, watches, blocking, .. } = engine;
    for (database, key, event) in modified.iter() {
        match event.class {
            Class::KeyMiss | Class::New => {}
            // Those who watch it were told when the removal was recorded: not all of them count it as a change.
            Class::Expired | Class::Evicted => notify.invalidate(clients, current, key),
            _ => {
                watches.touch(database, key);
                notify.invalidate(clients, current, key);
            }
        }
        if event.class != Class::KeyMiss {
            blocking.touch(database, key);
        }
        if published.has(event.class) {
            keyspace_events::publish(
                &mut notify.pubsub,
                &mut notify.inboxes,
                published,
                database,
                key,
                event,
            );
        }
    }
    modified.clear();
}

/// Tells of a request that was run: monitors see it, and who caches is remembered as a reader of its keys.
#[inline(never)]
pub(super) fn tell_of_request(context: &mut Context<'_>, command: &Indexed) {
    let flags = command.command.spec.flags;
    if !context.engine.notify.monitors.is_empty() && !flags.has_any(Flags::SKIP_MONITOR.and(Flags::ADMIN)) {
        show_to_monitors(context);
    }
    if context.client.tracks && flags.has(Flags::READONLY) {
        let keys = keys_of(command, context.request);
        context.engine.notify.tracking.remember(context.client.card.id, keys);
    }
}

fn show_to_monitors(context: &mut Context<'_>) {
    let client = &*context.client;
    if client.wait_end.is_some() && client.waits_on != Some(WaitOn::PauseEnd) {
        return; // It was shown when it came; now it runs again.
    }
    let seen = Seen {
        time_us: stdx::clock::wall_us(),
        database: client.database,
        card: &client.card,
        request: context.request,
        hidden: context.hidden,
    };
    let notify = &mut context.engine.notify;
    notify.monitors.show(&mut notify.inboxes, &seen);
}

pub(super) fn keys_of<'a>(command: &Indexed, request: Request<'a>) -> impl Iterator<Item = &'a [u8]> {
    let keys = command.command.spec.keys.iter().filter(|keys| !keys.flags.is_not_key());
    keys.flat_map(move |keys| keys.positions(request)).map(move |place| request.word(place))
}

/// A client's request is answered: what there is for the client itself comes behind its reply.
#[inline(never)]
pub(super) fn end_request(node: &mut Node, session: &mut Session, out: &mut Vec<u8>) {
    let Engine { notify, clients, config, table, .. } = &mut node.engine;
    let current = Some(session.card.id);
    let mut post = Post { inboxes: &mut notify.inboxes, clients, current };
    notify.tracking.tell_own(&mut post);
    post.current = None; // Behind the reply the client is one as all others.
    notify.tracking.keep_to(config.notifications.tracking_table_max_keys, &mut post);
    if session.wait_end.is_none() {
        notify.inboxes.collect(&session.card, out);
    }
    if session.tracks && session.transaction.is_none() {
        let last = CommandId(session.card.last_command.load(std::sync::atomic::Ordering::Relaxed));
        // CLIENT CACHING holds for the next command, other subcommands of CLIENT not counted.
        let is_client =
            table.all().get(usize::from(last.0)).is_some_and(|last| last.full_name.starts_with("client|"));
        if let Some(tracker) = notify.tracking.find_mut(session.card.id).filter(|_| !is_client) {
            tracker.is_caching_given = false;
        }
    }
}
