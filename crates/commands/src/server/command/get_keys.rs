//! COMMAND GETKEYS and GETKEYSANDFLAGS: which words of a request are keys.

use super::info::statuses;
use crate::prelude::*;
use engine::command::index::{Indexed, Table};
use engine::command::key_spec::{BeginSearch, KeyFlags};
use resp::request::Request;
pub(super) const COMMAND: Command = Command {
    run: keys,
    spec: Spec {
        name: "GETKEYS",
        summary: "Shows the keys of a whole command.",
        since: "2.8.13",
        complexity: "O(N) in the number of arguments",
        group: Group::Server,
        arity: Arity::AtLeast(3),
        flags: LOADING.and(STALE),
        categories: Categories::CONNECTION,
        args: &[Arg::string("command"), Arg::string("arg").optional().multiple()],
        ..Spec::NEW
    },
    subcommands: &[],
};

pub(super) const COMMAND_WITH_FLAGS: Command = Command {
    run: keys_and_flags,
    spec: Spec {
        name: "GETKEYSANDFLAGS",
        summary: "Shows the keys of a whole command and what it does with them.",
        since: "7.0.0",
        complexity: "O(N) in the number of arguments",
        group: Group::Server,
        arity: Arity::AtLeast(3),
        flags: LOADING.and(STALE),
        categories: Categories::CONNECTION,
        args: &[Arg::string("command"), Arg::string("arg").optional().multiple()],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn keys(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let found = find(ctx.engine.table, ctx.request.skip(2))?;
    ctx.reply.array(found.len());
    for (key, _) in found {
        ctx.reply.bulk(key);
    }
    Ok(())
}

fn keys_and_flags(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let found = find(ctx.engine.table, ctx.request.skip(2))?;
    ctx.reply.array(found.len());
    for (key, flags) in found {
        ctx.reply.array(2);
        ctx.reply.bulk(key);
        statuses(&mut ctx.reply, flags.names());
    }
    Ok(())
}

fn find<'a>(table: &Table, request: Request<'a>) -> Result<Vec<(&'a [u8], KeyFlags)>, Stop> {
    let command = command_of(table, request).ok_or(Stop::error("ERR Invalid command specified"))?;
    let spec = &command.command.spec;
    if spec.keys.is_empty() {
        return Err(Stop::error("ERR The command has no key arguments"));
    }
    if !spec.arity.allows(request.len()) {
        return Err(Stop::error("ERR Invalid number of arguments specified for command"));
    }
    let mut found = Vec::new();
    for keys in spec.keys.iter().filter(|keys| !keys.flags.is_not_key()) {
        let flags = flags_in(command, request, keys.flags);
        let positions = keys.positions(request);
        if positions.is_empty() && matches!(keys.begin, BeginSearch::Index(_)) {
            return Err(Stop::error("ERR Invalid arguments specified for command"));
        }
        found.extend(positions.into_iter().map(|place| (request.word(place), flags)));
    }
    found.extend(destination_of_sort(command, request));
    if found.is_empty() && !spec.flags.has(NO_MANDATORY_KEYS) {
        return Err(Stop::error("ERR Invalid arguments specified for command"));
    }
    Ok(found)
}

/// The key behind the last STORE of a SORT request, which no key spec can find.
fn destination_of_sort<'a>(command: &Indexed, request: Request<'a>) -> Option<(&'a [u8], KeyFlags)> {
    if command.full_name != "sort" {
        return None;
    }
    let mut destination = None;
    let mut place = 2;
    while place < request.len() {
        let is = |word: &str| request.word(place).eq_ignore_ascii_case(word.as_bytes());
        place += if is("LIMIT") {
            3
        } else if is("BY") || is("GET") {
            2
        } else if is("STORE") && place + 1 < request.len() {
            destination = Some(request.word(place + 1));
            2
        } else {
            1
        };
    }
    destination.map(|key| (key, KeySpec::at(0).ow().update().flags))
}

/// What a request does with its keys: for SET that depends on its options.
fn flags_in(command: &Indexed, request: Request<'_>, declared: KeyFlags) -> KeyFlags {
    if command.full_name != "set" {
        return declared;
    }
    let gets = request.words().skip(3).any(|word| word.eq_ignore_ascii_case(b"GET"));
    let used = if gets { KeySpec::at(1).rw().access().update() } else { KeySpec::at(1).ow().update() };
    used.flags
}

fn command_of<'t>(table: &'t Table, request: Request<'_>) -> Option<&'t Indexed> {
    let command = table.find(request.word(0))?;
    if command.subcommands.is_empty() || request.len() < 2 {
        return Some(command);
    }
    table.find_subcommand(command, request.word(1))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn what_set_does_depends_on_its_options() {
        check("COMMAND GETKEYSANDFLAGS set k v -> [[\"k\", [OW, update]]]");
        check("COMMAND GETKEYSANDFLAGS set k v EX 5 get -> [[\"k\", [RW, access, update]]]");
    }

    #[test]
    fn refusals() {
        check(
            "COMMAND GETKEYS nosuch a -> ERR Invalid command specified
             COMMAND GETKEYS client list -> ERR The command has no key arguments
             COMMAND GETKEYS get -> ERR Invalid number of arguments specified for command
             COMMAND GETKEYSANDFLAGS mset a 1 b 2 -> [[\"a\", [OW, update]], [\"b\", [OW, update]]]",
        );
    }
}
