//! LPOS: where elements stand that equal another.

use crate::prelude::*;
use datatypes::list::List;
use encodings::listpack::Element;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: lpos,
    subcommands: &[],
    spec: Spec {
        name: "LPOS",
        summary: "Returns the positions of the elements of a list that equal another.",
        since: "6.0.6",
        complexity: "O(N) with N the number of elements compared.",
        group: Group::List,
        arity: Arity::AtLeast(3),
        flags: READONLY,
        keys: &[KeySpec::at(1).ro().access()],
        args: &[
            Arg::key("key"),
            Arg::string("element"),
            Arg::integer("rank").after("RANK").optional(),
            Arg::integer("num-matches").after("COUNT").optional(),
            Arg::integer("len").after("MAXLEN").optional(),
        ],
        ..Spec::NEW
    },
}];

/// Which matches are wanted.
struct Wanted {
    /// The first one, counted from 1; from the end if negative.
    rank: i64,
    /// How many, all if 0; one that is no array if not given.
    count: Option<usize>,
    /// How many elements are compared at most, all if 0.
    max_len: usize,
}

impl Wanted {
    fn parse(mut args: Args<'_>) -> Result<Wanted, Stop> {
        let mut wanted = Wanted { rank: 1, count: None, max_len: 0 };
        while !args.is_empty() {
            if args.len() < 2 {
                return Err(Stop::SYNTAX);
            }
            if args.keyword("RANK") {
                wanted.rank = rank(&mut args)?;
            } else if args.keyword("COUNT") {
                wanted.count = Some(positive(&mut args, "ERR COUNT can't be negative")?);
            } else if args.keyword("MAXLEN") {
                wanted.max_len = positive(&mut args, "ERR MAXLEN can't be negative")?;
            } else {
                return Err(Stop::SYNTAX);
            }
        }
        Ok(wanted)
    }

    /// The positions that are wanted.
    fn positions(&self, list: &List, element: &[u8]) -> Vec<usize> {
        let (len, element, is_backward) = (list.len(), Element::of(element), self.rank < 0);
        let mut walk = list.walk(if is_backward { len.saturating_sub(1) } else { 0 }, is_backward);
        let skipped = self.rank.unsigned_abs() as usize - 1;
        let most = match self.count {
            None => 1,
            Some(0) => usize::MAX,
            Some(count) => count,
        };
        let (mut found, mut matches, mut distance) = (Vec::new(), 0_usize, 0);
        while found.len() < most && (self.max_len == 0 || distance < self.max_len) {
            let Some(other) = walk.next_element() else { break };
            if other == element {
                matches += 1;
                if matches > skipped {
                    found.push(if is_backward { len - 1 - distance } else { distance });
                }
            }
            distance += 1;
        }
        found
    }
}

fn rank(args: &mut Args<'_>) -> Result<i64, Stop> {
    let rank = args.integer_in(
        -i64::MAX,
        i64::MAX,
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    )?;
    if rank == 0 {
        return Err(Stop::error(
            "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start \
             from the end of the list",
        ));
    }
    Ok(rank)
}

fn positive(args: &mut Args<'_>, error: &'static str) -> Result<usize, Stop> {
    let number = args.integer_or(error)?;
    usize::try_from(number).map_err(|_| Stop::error(error))
}

fn lpos(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, element) = (args.next()?, args.next()?);
    let wanted = Wanted::parse(args)?;
    let found = ctx.keys.list(key)?.map(|list| wanted.positions(list, element)).unwrap_or_default();
    if wanted.count.is_some() {
        ctx.reply.array(found.len());
        found.iter().for_each(|&position| ctx.reply.integer(position as i64));
    } else if let Some(&position) = found.first() {
        ctx.reply.integer(position as i64);
    } else {
        ctx.reply.null();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn finds_by_rank_and_count() {
        check(
            "RPUSH l a b c a b c 1 2 3 | LPOS l a -> 0 | LPOS l 2 -> 7 | LPOS l z -> nil | LPOS l a COUNT 0 -> [0, 3]
            LPOS l a COUNT 1 -> [0] | LPOS l a RANK 2 -> 3 | LPOS l a RANK 3 -> nil | LPOS l a RANK -1 -> 3
            LPOS l a RANK -2 COUNT 0 -> [0] | LPOS l a RANK -1 COUNT 0 -> [3, 0] | LPOS l z COUNT 2 -> []
            LPOS l a RANK -1 COUNT 0 MAXLEN 3 -> [] | LPOS l a COUNT 0 MAXLEN 4 -> [0, 3] | LPOS l a MAXLEN 1 -> 0
            LPOS none a -> nil | LPOS none a COUNT 5 -> [] | LPOS l a RANK 2 RANK 1 -> 0",
        );
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "LPOS l a RANK 0 -> ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list
            LPOS l a RANK x -> ERR value is not an integer or out of range | LPOS l a COUNT x -> ERR COUNT can't be negative
            LPOS l a COUNT -1 -> ERR COUNT can't be negative | LPOS l a MAXLEN -1 -> ERR MAXLEN can't be negative
            LPOS l a RANK -> ERR syntax error | LPOS l a FOO 1 -> ERR syntax error | LPOS l a FOO -> ERR syntax error",
        );
    }
}
