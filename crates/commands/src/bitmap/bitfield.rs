//! BITFIELD and BITFIELD_RO: integers of any width in a string.

use crate::grammar::bits;
use crate::prelude::*;
use datatypes::bitmap::field::{FieldType, Overflow};

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: bitfield,
        subcommands: &[],
        spec: Spec {
            name: "BITFIELD",
            summary: "Reads and writes integers of any width at any bit of a string.",
            since: "3.2.0",
            flags: WRITE.and(DENYOOM),
            keys: &[KeySpec::at(1).rw().access().update().variable_flags().noting(NOTE)],
            args: &[Arg::key("key"), Arg::one_of("operation", &[GET, WRITES]).multiple().optional()],
            ..BITFIELD
        },
    },
    Command {
        run: bitfield_ro,
        subcommands: &[],
        spec: Spec {
            name: "BITFIELD_RO",
            summary: "Reads integers of any width at any bit of a string.",
            since: "6.0.0",
            flags: READONLY.and(FAST),
            keys: &[KeySpec::at(1).ro().access()],
            args: &[
                Arg::key("key"),
                Arg::block("get-block", &[Arg::string("encoding"), Arg::integer("offset")])
                    .after("GET")
                    .multiple_token()
                    .optional(),
            ],
            ..BITFIELD
        },
    },
];

const BITFIELD: Spec = Spec {
    complexity: "O(1) for each operation.",
    group: Group::Bitmap,
    arity: Arity::AtLeast(2),
    ..Spec::NEW
};

const NOTE: &str = "This command allows both access and modification of the key";

const GET: Arg = Arg::block("get-block", &[Arg::string("encoding"), Arg::integer("offset")]).after("GET");

const WRITES: Arg = Arg::block(
    "write",
    &[
        Arg::one_of(
            "overflow-block",
            &[Arg::token("wrap", "WRAP"), Arg::token("sat", "SAT"), Arg::token("fail", "FAIL")],
        )
        .after("OVERFLOW")
        .optional(),
        Arg::one_of(
            "write-operation",
            &[
                Arg::block(
                    "set-block",
                    &[Arg::string("encoding"), Arg::integer("offset"), Arg::integer("value")],
                )
                .after("SET"),
                Arg::block(
                    "incrby-block",
                    &[Arg::string("encoding"), Arg::integer("offset"), Arg::integer("increment")],
                )
                .after("INCRBY"),
            ],
        ),
    ],
);

/// One operation.
#[derive(Clone, Copy)]
struct Operation {
    kind: FieldType,
    offset: u64,
    action: Action,
}

#[derive(Clone, Copy)]
enum Action {
    Get,
    /// The value, and what to do if it does not fit.
    Set(i64, Overflow),
    /// The increment, and what to do if the sum does not fit.
    Increment(i64, Overflow),
}

impl Operation {
    fn writes(&self) -> bool {
        !matches!(self.action, Action::Get)
    }

    /// Where it ends, in bytes.
    fn end_bytes(&self) -> usize {
        (self.offset + self.kind.bits()).div_ceil(8) as usize
    }

    fn parse(ctx: &Context<'_>, args: &mut Args<'_>, overflow: Overflow) -> Result<Operation, Stop> {
        let remaining = args.len();
        let is_get = remaining > 2 && args.keyword("GET");
        let is_set = !is_get && remaining > 3 && args.keyword("SET");
        let is_increment = !is_get && !is_set && remaining > 3 && args.keyword("INCRBY");
        if !(is_get || is_set || is_increment) {
            return Err(Stop::SYNTAX);
        }
        let kind = FieldType::from_name(args.next()?).ok_or(BAD_TYPE)?;
        let offset = bits::offset(ctx, args.next()?, Some(kind))?;
        let action = if is_get {
            Action::Get
        } else if is_set {
            Action::Set(args.integer()?, overflow)
        } else {
            Action::Increment(args.integer()?, overflow)
        };
        Ok(Operation { kind, offset, action })
    }

    /// Carries it out on a string that is long enough for it: what it replies, and whether it changed a bit.
    fn run(&self, bytes: &mut [u8]) -> (Option<i64>, bool) {
        let old = self.kind.read(bytes, self.offset);
        let (sum, overflow) = match self.action {
            Action::Get => return (Some(old), false),
            Action::Set(value, overflow) => (self.kind.of_given(value), overflow),
            Action::Increment(increment, overflow) => (i128::from(old) + i128::from(increment), overflow),
        };
        let Some(new) = self.kind.fit(sum, overflow) else { return (None, false) };
        self.kind.write(bytes, self.offset, new);
        let reply = if matches!(self.action, Action::Set(..)) { old } else { new };
        (Some(reply), new != old)
    }
}

const BAD_TYPE: Stop = Stop::error(
    "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
);

fn parse(ctx: &Context<'_>, args: &mut Args<'_>) -> Result<Vec<Operation>, Stop> {
    let mut overflow = Overflow::default();
    let mut operations = Vec::new();
    while !args.is_empty() {
        if args.len() > 1 && args.keyword("OVERFLOW") {
            let modes = [("WRAP", Overflow::Wrap), ("SAT", Overflow::Saturate), ("FAIL", Overflow::Fail)];
            let found = modes.into_iter().find(|(word, _)| args.keyword(word));
            overflow = found.ok_or(Stop::error("ERR Invalid OVERFLOW type specified"))?.1;
        } else {
            operations.push(Operation::parse(ctx, args, overflow)?);
        }
    }
    Ok(operations)
}

fn bitfield(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let operations = parse(ctx, &mut args)?;
    let written_bytes =
        operations.iter().filter(|operation| operation.writes()).map(Operation::end_bytes).max();
    match written_bytes {
        Some(len) => write(ctx, key, &operations, len),
        None => read(ctx, key, &operations),
    }
}

fn bitfield_ro(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let operations = parse(ctx, &mut args)?;
    if operations.iter().any(Operation::writes) {
        return Err(Stop::error("ERR BITFIELD_RO only supports the GET subcommand"));
    }
    read(ctx, key, &operations)
}

fn read(ctx: &mut Context<'_>, key: &[u8], operations: &[Operation]) -> Result<(), Stop> {
    let bytes = ctx.keys.string(key)?.unwrap_or_default();
    ctx.reply.array(operations.len());
    for operation in operations {
        ctx.reply.integer(operation.kind.read(bytes, operation.offset));
    }
    Ok(())
}

/// Carries out operations of which the farthest that writes ends at `written_bytes`.
fn write(
    ctx: &mut Context<'_>,
    key: &[u8],
    operations: &[Operation],
    written_bytes: usize,
) -> Result<(), Stop> {
    let old_len = ctx.keys.extend_string(key, written_bytes)?;
    let has_grown = old_len.is_none_or(|len| len < written_bytes);
    let bytes = ctx.keys.string_mut(key)?.expect("the string was just made long enough");
    ctx.reply.array(operations.len());
    let mut changes = 0;
    for operation in operations {
        let (reply, changed) = operation.run(bytes);
        changes += u64::from(operation.writes() && reply.is_some() && (changed || has_grown));
        match reply {
            Some(number) => ctx.reply.integer(number),
            None => ctx.reply.null(),
        }
    }
    // A string that grew and got nothing else is a change too: replicas have to see it.
    if changes > 0 || has_grown {
        ctx.keys.add_dirty(changes.saturating_sub(1));
        ctx.keys.modified(key, Event::SETBIT);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, notifies, propagates};

    #[test]
    fn reads_and_writes() {
        check(
            r#"BITFIELD k SET u8 0 255 GET u4 0 SET i4 #1 -2 GET i8 0 -> [0, 15, -1, -2] | GET k -> "\xfe"
            BITFIELD k INCRBY u4 #0 1 INCRBY u4 #0 1 -> [0, 1] | BITFIELD k GET u8 100 -> [0] | STRLEN k -> 1
            BITFIELD k -> [] | BITFIELD x GET u8 0 -> [0] | EXISTS x -> 0 | BITFIELD_RO k GET u8 0 GET i8 4 -> [30, -32]
            BITFIELD m SET i64 #1 -1 -> [0] | STRLEN m -> 16 | OBJECT ENCODING m -> "raw""#,
        );
    }

    #[test]
    fn overflows() {
        check(
            "BITFIELD k OVERFLOW FAIL SET u2 0 5 -> [nil] | EXISTS k -> 1
            BITFIELD k OVERFLOW SAT SET u2 0 5 INCRBY u2 0 -9 OVERFLOW WRAP INCRBY u2 0 -1 -> [0, 0, 3]
            BITFIELD k SET i8 8 127 INCRBY i8 8 1 OVERFLOW SAT INCRBY i8 8 -1 -> [0, -128, -128]",
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "BITFIELD k GET u64 0 -> ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
            BITFIELD k GET u8 #-1 -> ERR bit offset is not an integer or out of range
            BITFIELD k OVERFLOW x -> ERR Invalid OVERFLOW type specified | BITFIELD k SET u8 0 -> ERR syntax error
            BITFIELD k SET u8 0 x -> ERR value is not an integer or out of range | BITFIELD k GET u8 -> ERR syntax error
            BITFIELD_RO k SET u8 0 1 -> ERR BITFIELD_RO only supports the GET subcommand | EXISTS k -> 0",
        );
    }

    #[test]
    fn only_changes_count() {
        changes(
            "BITFIELD k SET u8 0 1 SET u8 0 2 -> 2 | BITFIELD k SET u8 0 2 -> 0 | BITFIELD k SET u8 0 3 GET u8 0 -> 1",
        );
        propagates("BITFIELD k SET u8 0 1 -> BITFIELD k SET u8 0 1 | BITFIELD k SET u8 0 1 -> nothing");
        notifies("BITFIELD k SET u8 0 1 -> new k, setbit k | BITFIELD k GET u8 0 -> nothing");
    }
}
