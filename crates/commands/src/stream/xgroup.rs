//! XGROUP: make and end consumer groups and their consumers.

use super::delivery::GroupName;
use super::id;
use crate::grammar::help;
use crate::prelude::*;
use datatypes::stream::{Group as ConsumerGroup, Id, Stream};
use engine::command::{only_subcommands, until_nul};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: only_subcommands,
    subcommands: SUBCOMMANDS,
    spec: Spec {
        name: "XGROUP",
        summary: "Contains the subcommands that make and end consumer groups.",
        since: "5.0.0",
        complexity: "That of the subcommand.",
        group: Group::Stream,
        arity: Arity::AtLeast(2),
        ..Spec::NEW
    },
}];

const ENTRIES_READ: Arg = Arg::integer("entries-read").after("ENTRIESREAD").optional();
const ID: Arg = Arg::one_of("id-selector", &[Arg::string("id"), Arg::token("new-id", "$")]);

const SUBCOMMANDS: &[Command] = &[
    Command {
        run: create,
        subcommands: &[],
        spec: Spec {
            name: "CREATE",
            summary: "Makes a consumer group.",
            arity: Arity::AtLeast(5),
            flags: WRITE.and(DENYOOM),
            keys: &[KeySpec::at(2).rw().insert()],
            args: &[
                Arg::key("key"),
                Arg::string("group"),
                ID,
                Arg::token("mkstream", "MKSTREAM").optional(),
                ENTRIES_READ,
            ],
            history: &[("7.0.0", "The option `ENTRIESREAD`.")],
            ..XGROUP
        },
    },
    Command {
        run: create_consumer,
        subcommands: &[],
        spec: Spec {
            name: "CREATECONSUMER",
            summary: "Makes a consumer of a group.",
            since: "6.2.0",
            arity: Arity::Exactly(5),
            flags: WRITE.and(DENYOOM),
            keys: &[KeySpec::at(2).rw().insert()],
            args: &[Arg::key("key"), Arg::string("group"), Arg::string("consumer")],
            ..XGROUP
        },
    },
    Command {
        run: delete_consumer,
        subcommands: &[],
        spec: Spec {
            name: "DELCONSUMER",
            summary: "Ends a consumer of a group. Returns how many entries it had pending.",
            arity: Arity::Exactly(5),
            flags: WRITE,
            keys: &[KeySpec::at(2).rw().delete()],
            args: &[Arg::key("key"), Arg::string("group"), Arg::string("consumer")],
            ..XGROUP
        },
    },
    Command {
        run: destroy,
        subcommands: &[],
        spec: Spec {
            name: "DESTROY",
            summary: "Ends a consumer group.",
            complexity: "O(N) with N the number of entries that the group has pending.",
            arity: Arity::Exactly(4),
            flags: WRITE,
            keys: &[KeySpec::at(2).rw().delete()],
            args: &[Arg::key("key"), Arg::string("group")],
            ..XGROUP
        },
    },
    Command {
        run: xgroup_help,
        subcommands: &[],
        spec: Spec {
            name: "HELP",
            summary: "Lists the subcommands.",
            arity: Arity::Exactly(2),
            flags: LOADING.and(STALE),
            ..XGROUP
        },
    },
    Command {
        run: set_id,
        subcommands: &[],
        spec: Spec {
            name: "SETID",
            summary: "Sets up to which entry a group has read.",
            arity: Arity::AtLeast(5),
            flags: WRITE,
            keys: &[KeySpec::at(2).rw().update()],
            args: &[
                Arg::key("key"),
                Arg::string("group"),
                ID,
                Arg::integer("entriesread").after("ENTRIESREAD").shown_as("entries-read").optional(),
            ],
            history: &[("7.0.0", "The option `ENTRIESREAD`.")],
            ..XGROUP
        },
    },
];

const XGROUP: Spec = Spec { since: "5.0.0", complexity: "O(1)", group: Group::Stream, ..Spec::NEW };

const MISSING_KEY: Stop = Stop::error(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option \
     to create an empty stream automatically.",
);

/// What follows the identifier.
#[derive(Default)]
struct Options {
    makes_stream: bool,
    entries_read: Option<u64>,
}

impl Options {
    fn parse(mut args: Args<'_>, is_create: bool) -> Result<Options, Stop> {
        let mut options = Options::default();
        while !args.is_empty() {
            if is_create && args.keyword("MKSTREAM") {
                options.makes_stream = true;
            } else if args.len() > 1 && args.keyword("ENTRIESREAD") {
                let read = args.integer()?;
                if read < -1 {
                    return Err(Stop::error("ERR value for ENTRIESREAD must be positive or -1"));
                }
                options.entries_read = u64::try_from(read).ok();
            } else {
                return Err(wrong_arguments(args, "XGROUP"));
            }
        }
        Ok(options)
    }
}

/// The error that a subcommand does not take these arguments.
pub(super) fn wrong_arguments(args: Args<'_>, container: &str) -> Stop {
    let name = until_nul(args.request().word(1));
    let name = &name[..name.len().min(128)];
    let before = "ERR unknown subcommand or wrong number of arguments for '";
    Stop::quoting(before, name, &format!("'. Try {container} HELP."))
}

fn id_of(word: &[u8], stream: Option<&Stream>) -> Result<Id, Stop> {
    match word {
        b"$" => Ok(stream.map_or(Id::MIN, |stream| stream.log().marks().last_id)),
        word => id::parse_strict(word),
    }
}

fn name<'a>(args: &mut Args<'a>) -> Result<GroupName<'a>, Stop> {
    Ok(GroupName { key: args.next()?, group: args.next()? })
}

fn create(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let name = name(&mut args)?;
    let id_word = args.next()?;
    let options = Options::parse(args, true)?;
    let stream = ctx.keys.collection::<Stream>(name.key, Lookup::Write)?;
    if stream.is_none() && !options.makes_stream {
        return Err(MISSING_KEY);
    }
    // As many words as there are when each option is given once.
    if args.len() > 3 {
        return Err(wrong_arguments(args, "XGROUP"));
    }
    let group = ConsumerGroup::new(id_of(id_word, stream)?, options.entries_read);
    let mut edit = ctx.keys.stream_or_create(name.key)?;
    if !edit.create_group(name.group, group) {
        return Err(Stop::error("BUSYGROUP Consumer Group name already exists"));
    }
    edit.modified(Event::XGROUP_CREATE);
    ctx.reply.ok();
    Ok(())
}

/// Changes a group that must be there.
fn change<R>(
    ctx: &mut Context<'_>,
    name: GroupName<'_>,
    change: impl FnOnce(&mut ConsumerGroup) -> (R, Option<Event>),
) -> Result<R, Stop> {
    let stream = ctx.keys.collection::<Stream>(name.key, Lookup::Write)?.ok_or(MISSING_KEY)?;
    stream.group(name.group).ok_or_else(|| name.missing_in_key())?;
    let mut edit = ctx.keys.stream_mut(name.key)?.ok_or(MISSING_KEY)?;
    let (_, group) = edit.group_mut(name.group).ok_or_else(|| name.missing_in_key())?;
    let (outcome, event) = change(group);
    if let Some(event) = event {
        edit.modified(event);
    }
    Ok(outcome)
}

fn create_consumer(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (name, consumer, now_ms) = (name(&mut args)?, args.next()?, ctx.now_ms());
    let is_new = change(ctx, name, |group| {
        let is_new = group.create_consumer(consumer, now_ms);
        (is_new, is_new.then_some(Event::XGROUP_CREATECONSUMER))
    })?;
    ctx.reply.integer(i64::from(is_new));
    Ok(())
}

fn delete_consumer(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (name, consumer) = (name(&mut args)?, args.next()?);
    let mut edit = ctx.keys.stream_mut(name.key)?.ok_or(MISSING_KEY)?;
    let (_, group) = edit.group_mut(name.group).ok_or_else(|| name.missing_in_key())?;
    let mut pending = 0;
    if let Some((consumer, list)) = group.remove_consumer(consumer) {
        pending = consumer.pending().len();
        edit.modified(Event::XGROUP_DELCONSUMER);
        edit.free_later((consumer, list));
    }
    drop(edit);
    ctx.reply.integer(super::reply::number(pending));
    Ok(())
}

fn set_id(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let name = name(&mut args)?;
    let id_word = args.next()?;
    let options = Options::parse(args, false)?;
    let stream = ctx.keys.collection::<Stream>(name.key, Lookup::Write)?.ok_or(MISSING_KEY)?;
    stream.group(name.group).ok_or_else(|| name.missing_in_key())?;
    let id = match id_word {
        b"-" | b"+" => id::parse(id_word, 0)?,
        word => id_of(word, Some(stream))?,
    };
    change(ctx, name, |group| {
        (group.last_id, group.entries_read) = (id, options.entries_read);
        ((), Some(Event::XGROUP_SETID))
    })?;
    ctx.reply.ok();
    Ok(())
}

fn destroy(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let name = name(&mut args)?;
    let mut edit = ctx.keys.stream_mut(name.key)?.ok_or(MISSING_KEY)?;
    let group = edit.destroy_group(name.group);
    let was_there = group.is_some();
    if let Some(group) = group {
        edit.modified(Event::XGROUP_DESTROY);
        edit.free_later(group);
    }
    ctx.reply.integer(i64::from(was_there));
    Ok(())
}

fn xgroup_help(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(
        &mut ctx.reply,
        "XGROUP",
        &[
            (
                "CREATE <key> <groupname> <id|$> [option]",
                &[
                    "Make a consumer group. Options are:",
                    "* MKSTREAM",
                    "  Make an empty stream if there is none.",
                    "* ENTRIESREAD entries_read",
                    "  How many entries the group has read (for servers that copy streams).",
                ],
            ),
            ("CREATECONSUMER <key> <groupname> <consumer>", &["Make a consumer of the group."]),
            ("DELCONSUMER <key> <groupname> <consumer>", &["End a consumer of the group."]),
            ("DESTROY <key> <groupname>", &["End the group."]),
            (
                "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
                &["Set up to which entry the group has read, and how many those are."],
            ),
        ],
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies};

    #[test]
    fn groups_come_and_go() {
        check(
            "XGROUP CREATE s g $ -> ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.
            XGROUP CREATE s g $ MKSTREAM -> OK | XLEN s -> 0 | XGROUP CREATE s g 0 -> BUSYGROUP Consumer Group name already exists
            XGROUP CREATECONSUMER s g c -> 1 | XGROUP CREATECONSUMER s g c -> 0 | XADD s 1 a b | XREADGROUP GROUP g c STREAMS s >
            XGROUP DELCONSUMER s g c -> 1 | XGROUP DELCONSUMER s g c -> 0 | XGROUP SETID s g 0 ENTRIESREAD 0 -> OK | XGROUP SETID s g - -> OK | XGROUP CREATE s h - -> ERR Invalid stream ID specified as stream command argument
            XGROUP SETID s x 0 -> NOGROUP No such consumer group 'x' for key name 's' | XGROUP DESTROY s x -> 0 | XGROUP DESTROY s g -> 1
            XGROUP CREATE s g 0 FOO -> ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.
            XGROUP CREATE s g 0 ENTRIESREAD -2 -> ERR value for ENTRIESREAD must be positive or -1",
        );
        notifies(
            "XGROUP CREATE s g $ MKSTREAM -> new s, xgroup-create s | XGROUP CREATECONSUMER s g c -> xgroup-createconsumer s
            XGROUP DELCONSUMER s g c -> xgroup-delconsumer s | XGROUP SETID s g 0 -> xgroup-setid s | XGROUP DESTROY s g -> xgroup-destroy s",
        );
    }
}
