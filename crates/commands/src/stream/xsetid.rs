//! XSETID: set what a stream remembers of its identifiers.

use super::id;
use crate::prelude::*;
use datatypes::stream::{Id, Stream};

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: xsetid,
    subcommands: &[],
    spec: Spec {
        name: "XSETID",
        summary: "Sets the last identifier of a stream; meant for servers that copy streams.",
        since: "5.0.0",
        group: Group::Stream,
        arity: Arity::AtLeast(3),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().update()],
        args: &[
            Arg::key("key"),
            Arg::string("last-id"),
            Arg::integer("entries-added").after("ENTRIESADDED").optional().since("7.0.0"),
            Arg::string("max-deleted-id").after("MAXDELETEDID").optional().since("7.0.0"),
        ],
        history: &[("7.0.0", "The options `ENTRIESADDED` and `MAXDELETEDID`.")],
        ..Spec::NEW
    },
}];

/// What is to be set.
struct Wanted {
    last_id: Id,
    entries_added: Option<u64>,
    max_deleted_id: Option<Id>,
}

impl Wanted {
    fn parse(mut args: Args<'_>) -> Result<Wanted, Stop> {
        let last_id = id::parse_strict(args.next()?)?;
        let mut wanted = Wanted { last_id, entries_added: None, max_deleted_id: None };
        while !args.is_empty() {
            if args.len() > 1 && args.keyword("ENTRIESADDED") {
                let added = u64::try_from(args.integer()?);
                wanted.entries_added =
                    Some(added.map_err(|_| Stop::error("ERR entries_added must be positive"))?);
            } else if args.len() > 1 && args.keyword("MAXDELETEDID") {
                let max_deleted_id = id::parse_strict(args.next()?)?;
                if last_id < max_deleted_id {
                    return Err(Stop::error(
                        "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
                    ));
                }
                wanted.max_deleted_id = Some(max_deleted_id);
            } else {
                return Err(Stop::SYNTAX);
            }
        }
        Ok(wanted)
    }

    fn set(&self, stream: &mut Stream) -> Result<(), Stop> {
        let log = stream.log_mut();
        let mut marks = log.marks();
        if self.last_id < marks.max_deleted_id {
            return Err(Stop::error(
                "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
            ));
        }
        if let Some(last) = log.last() {
            if self.last_id < last.id {
                return Err(Stop::error(
                    "ERR The ID specified in XSETID is smaller than the target stream top item",
                ));
            }
            if self.entries_added.is_some_and(|added| (log.len() as u64) > added) {
                return Err(Stop::error(
                    "ERR The entries_added specified in XSETID is smaller than the target stream length",
                ));
            }
        }
        marks.last_id = self.last_id;
        marks.entries_added = self.entries_added.unwrap_or(marks.entries_added);
        marks.max_deleted_id =
            self.max_deleted_id.filter(|id| *id != Id::MIN).unwrap_or(marks.max_deleted_id);
        log.set_marks(marks);
        Ok(())
    }
}

fn xsetid(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let wanted = Wanted::parse(args)?;
    let mut edit = ctx.keys.stream_mut(key)?.ok_or(Stop::NO_SUCH_KEY)?;
    wanted.set(&mut edit)?;
    edit.modified(Event::XSETID);
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies};

    #[test]
    fn sets_what_is_remembered() {
        check(
            r#"XADD s 5 a b | XSETID s 7-1 ENTRIESADDED 9 MAXDELETEDID 6-0 -> OK | XADD s 7-* a b -> "7-2"
            XSETID s 7-1 -> ERR The ID specified in XSETID is smaller than the target stream top item
            XSETID s 5-0 -> ERR The ID specified in XSETID is smaller than current max_deleted_entry_id
            XSETID s 9 ENTRIESADDED 1 -> ERR The entries_added specified in XSETID is smaller than the target stream length
            XSETID s 9 ENTRIESADDED -1 -> ERR entries_added must be positive | XSETID s 9 FOO -> ERR syntax error
            XSETID s 9 MAXDELETEDID 10 -> ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id
            XSETID none 1 -> ERR no such key"#,
        );
        notifies("XADD s 5 a b | XSETID s 6 -> xsetid s");
    }
}
