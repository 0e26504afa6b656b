//! COMMAND DOCS: what a command does, since when, and with which arguments.

use super::info::statuses;
use crate::prelude::*;
use engine::command::docs::ArgKind;
use engine::command::index::{Indexed, Table};
use resp::reply::Reply;
pub(super) const COMMAND: Command = Command {
    run: docs,
    spec: Spec {
        name: "DOCS",
        summary: "Documents the commands named, or all.",
        since: "7.0.0",
        complexity: "O(N) in the number of commands named",
        group: Group::Server,
        arity: Arity::AtLeast(2),
        flags: LOADING.and(STALE),
        categories: Categories::CONNECTION,
        args: &[Arg::string("command-name").optional().multiple()],
        tips: &["nondeterministic_output_order"],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn docs(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let table = ctx.engine.table;
    let commands: Vec<&Indexed> = if args.is_empty() {
        table.top_level().collect()
    } else {
        args.rest().filter_map(|name| table.find_full(name)).collect()
    };
    ctx.reply.map(commands.len());
    for command in commands {
        document(&mut ctx.reply, table, command);
    }
    Ok(())
}

fn document(reply: &mut Reply<'_>, table: &Table, command: &Indexed) {
    reply.bulk(command.full_name.as_bytes());
    let place = reply.open_array();
    let mut fields = facts(reply, &command.command.spec);
    fields += history(reply, &command.command.spec);
    if !command.command.spec.args.is_empty() {
        fields += 1;
        reply.bulk(b"arguments");
        arguments(reply, command.command.spec.args);
    }
    if !command.subcommands.is_empty() {
        fields += 1;
        reply.bulk(b"subcommands");
        reply.map(command.subcommands.len());
        for subcommand in &command.subcommands {
            document(reply, table, table.get(*subcommand));
        }
    }
    reply.close_map(&place, fields);
}

/// Returns the number of fields written.
fn facts(reply: &mut Reply<'_>, spec: &Spec) -> usize {
    let mut fields = 3;
    text(reply, "summary", spec.summary);
    text(reply, "since", spec.since);
    text(reply, "group", spec.group.name());
    if !spec.complexity.is_empty() {
        fields += 1;
        text(reply, "complexity", spec.complexity);
    }
    let flags = [(spec.deprecated.is_some(), "deprecated"), (spec.is_internal, "syscmd")];
    if flags.iter().any(|(is_set, _)| *is_set) {
        fields += 1;
        reply.bulk(b"doc_flags");
        statuses(reply, flags.iter().filter_map(|(is_set, name)| is_set.then_some(*name)));
    }
    if let Some((since, instead)) = spec.deprecated {
        fields += 2;
        text(reply, "deprecated_since", since);
        text(reply, "replaced_by", instead);
    }
    fields
}

fn history(reply: &mut Reply<'_>, spec: &Spec) -> usize {
    if spec.history.is_empty() {
        return 0;
    }
    reply.bulk(b"history");
    reply.set(spec.history.len());
    for (version, change) in spec.history {
        reply.array(2);
        reply.bulk(version.as_bytes());
        reply.bulk(change.as_bytes());
    }
    1
}

fn arguments(reply: &mut Reply<'_>, args: &[Arg]) {
    reply.array(args.len());
    for arg in args {
        let place = reply.open_array();
        let fields = argument(reply, arg);
        reply.close_map(&place, fields);
    }
}

fn argument(reply: &mut Reply<'_>, arg: &Arg) -> usize {
    let mut fields = 2;
    text(reply, "name", arg.name);
    text(reply, "type", arg.kind.name());
    if let Some(display) = arg.display {
        fields += 1;
        text(reply, "display_text", display);
    }
    if let Some(index) = arg.key_spec {
        fields += 1;
        reply.bulk(b"key_spec_index");
        reply.integer(index as i64);
    }
    for (name, value) in [("token", arg.token), ("since", arg.since)] {
        if let Some(value) = value {
            fields += 1;
            text(reply, name, value);
        }
    }
    let flags =
        [(arg.optional, "optional"), (arg.multiple, "multiple"), (arg.multiple_token, "multiple_token")];
    if flags.iter().any(|(is_set, _)| *is_set) {
        fields += 1;
        reply.bulk(b"flags");
        statuses(reply, flags.iter().filter_map(|(is_set, name)| is_set.then_some(*name)));
    }
    if let ArgKind::OneOf(args) | ArgKind::Block(args) = arg.kind {
        fields += 1;
        reply.bulk(b"arguments");
        arguments(reply, args);
    }
    fields
}

fn text(reply: &mut Reply<'_>, name: &str, value: &str) {
    reply.bulk(name.as_bytes());
    reply.bulk(value.as_bytes());
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_resp3};

    #[test]
    fn names_nobody_knows_are_left_out() {
        check("COMMAND DOCS nosuch -> []");
    }

    #[test]
    fn fields_stand_in_their_order() {
        check_resp3(
            r#"COMMAND DOCS slaveof -> {"slaveof": {"summary": "Follows a primary, or nobody any more.", "since": "1.0.0", "group": "server", "complexity": "O(1)", "doc_flags": ~[deprecated], "deprecated_since": "5.0.0", "replaced_by": "`REPLICAOF`", "arguments": [{"name": "args", "type": "oneof", "arguments": [{"name": "host-port", "type": "block", "arguments": [{"name": "host", "type": "string"}, {"name": "port", "type": "integer"}]}, {"name": "no-one", "type": "block", "arguments": [{"name": "no", "type": "pure-token", "token": "NO"}, {"name": "one", "type": "pure-token", "token": "ONE"}]}]}]}}"#,
        );
    }

    #[test]
    fn every_command_can_be_documented() {
        let docs = Bench::new().run("COMMAND DOCS");
        for name in ["\"psync\"", "\"config\"", "\"config|get\""] {
            assert!(docs.contains(name), "{name}");
        }
    }
}
