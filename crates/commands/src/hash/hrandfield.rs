//! HRANDFIELD: fields by chance.

use crate::grammar::element;
use crate::grammar::repeats::Room;
use crate::prelude::*;
use datatypes::hash::{Field, Fields};
use resp::reply::{Reply, Version};
use std::collections::HashSet;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: hrandfield,
    subcommands: &[],
    spec: Spec {
        name: "HRANDFIELD",
        summary: "Returns one or several fields of a hash by chance.",
        since: "6.2.0",
        complexity: "O(N) with N the number of fields that are returned.",
        group: Group::Hash,
        arity: Arity::AtLeast(2),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[
            Arg::key("key"),
            Arg::block(
                "options",
                &[Arg::integer("count"), Arg::token("withvalues", "WITHVALUES").optional()],
            )
            .optional(),
        ],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

/// A part of so many of all is drawn one by one; of a larger part, those are drawn that are left out.
const DRAWN_PART: usize = 3;

fn hrandfield(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let mut random = fastrand::Rng::new();
    if args.is_empty() {
        let field = ctx.keys.hash(key)?.and_then(|fields| fields.random(&mut random));
        element::bulk_or_null(&mut ctx.reply, field.map(|field| field.name));
        return Ok(());
    }
    let (count, with_values) = parse_count(&mut args)?;
    let room = Room::of(ctx);
    let Some(fields) = ctx.keys.hash(key)? else {
        ctx.reply.array(0);
        return Ok(());
    };
    let mut out = Out { reply: ctx.reply.reborrow(), with_values };
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if count < 0 {
        draw_with_repeats(fields, wanted, &mut random, &mut out, &room);
        room.close_if_full(ctx);
    } else {
        draw_different(fields, wanted.min(fields.len()), &mut random, &mut out);
    }
    Ok(())
}

/// The count, and whether values are wanted too.
fn parse_count(args: &mut Args<'_>) -> Result<(i64, bool), Stop> {
    let count = args.integer_in(
        -i64::MAX,
        i64::MAX,
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    )?;
    let with_values = args.keyword("WITHVALUES");
    args.end()?;
    if with_values && count.unsigned_abs() > i64::MAX.unsigned_abs() / 2 {
        return Err(Stop::error("ERR value is out of range"));
    }
    Ok((count, with_values))
}

/// Where fields are replied.
struct Out<'r> {
    reply: Reply<'r>,
    with_values: bool,
}

impl Out<'_> {
    fn begin(&mut self, fields: usize) {
        let is_flat = self.with_values && self.reply.version() == Version::Resp2;
        self.reply.array(if is_flat { 2 * fields } else { fields });
    }

    fn put(&mut self, field: Field<'_>) {
        if self.with_values && self.reply.version() == Version::Resp3 {
            self.reply.array(2);
        }
        element::bulk(&mut self.reply, field.name);
        if self.with_values {
            element::bulk(&mut self.reply, field.value);
        }
    }
}

fn draw_with_repeats(
    fields: Fields<'_>,
    count: usize,
    random: &mut fastrand::Rng,
    out: &mut Out<'_>,
    room: &Room,
) {
    out.begin(if fields.is_empty() { 0 } else { count });
    for field in (0..count).map_while(|_| fields.random(random)) {
        out.put(field);
        if !room.is_left(out.reply.written_bytes()) {
            return;
        }
    }
}

fn draw_different(fields: Fields<'_>, count: usize, random: &mut fastrand::Rng, out: &mut Out<'_>) {
    out.begin(count);
    let len = fields.len();
    if count.saturating_mul(DRAWN_PART) <= len {
        let mut names = HashSet::with_capacity(count);
        while names.len() < count
            && let Some(field) = fields.random(random)
        {
            if names.insert(field.name.to_vec()) {
                out.put(field);
            }
        }
        return;
    }
    // Each field is taken with the chance that makes the number right in the end.
    let mut left = count;
    for (seen, field) in fields.iter().enumerate() {
        if left > 0 && random.usize(..len - seen) < left {
            out.put(field);
            left -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_resp3};

    #[test]
    fn replies_have_the_right_shape() {
        check(
            r#"HRANDFIELD h -> nil | HRANDFIELD h 1 -> [] | HSET h a 1 | HRANDFIELD h -> "a" | HRANDFIELD h 0 -> []
            HRANDFIELD h 5 -> ["a"] | HRANDFIELD h -2 -> ["a", "a"] | HRANDFIELD h 5 WITHVALUES -> ["a", "1"]
            HRANDFIELD h -2 withvalues -> ["a", "1", "a", "1"]"#,
        );
        check_resp3(
            r#"HRANDFIELD h -> nil | HSET h a 1 | HRANDFIELD h 2 WITHVALUES -> [["a", "1"]] | HRANDFIELD h -1 -> ["a"]"#,
        );
    }

    #[test]
    fn refuses_bad_counts() {
        check(
            "HRANDFIELD h x -> ERR value is not an integer or out of range | HRANDFIELD h 1 x -> ERR syntax error
            HRANDFIELD h 1 WITHVALUES x -> ERR syntax error
            HRANDFIELD h -9223372036854775808 -> ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
            HRANDFIELD h 4611686018427387904 WITHVALUES -> ERR value is out of range
            HRANDFIELD none -9223372036854775807 -> []
            SET s x | HRANDFIELD s 1 -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }

    #[test]
    fn different_fields_are_drawn_from_small_and_large_hashes() {
        for size in [10, 700] {
            let mut bench = Bench::new();
            for number in 0..size {
                bench.run(&format!("HSET h field:{number} v"));
            }
            for count in [1, 3, size / 2, size - 1, size] {
                let reply = bench.run(&format!("HRANDFIELD h {count}"));
                let names: std::collections::HashSet<_> = reply.split(", ").collect();
                assert_eq!(names.len(), count, "{count} of {size}");
            }
        }
    }

    #[test]
    fn what_has_expired_is_not_drawn() {
        check(
            "HSET h a 1 b 2 c 3 | HPEXPIRE h 10 FIELDS 2 a c | @11 | HRANDFIELD h 5 -> [\"b\"] | HRANDFIELD h -2 -> [\"b\", \"b\"]",
        );
    }
}
