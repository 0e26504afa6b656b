//! ZUNION, ZINTER, ZDIFF, those that store, and ZINTERCARD: several sets become one.

mod source;
mod spec;

use crate::prelude::*;
use crate::sorted_set::reply::{self, Elements};
use datatypes::sorted_set::{Scored, SortedSet, sort_elements};
use source::{Source, Work};
pub(crate) use spec::COMMANDS;

/// How sets are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

/// What becomes of several scores of one member.
#[derive(Clone, Copy, Debug, Default)]
enum Aggregate {
    #[default]
    Sum,
    Least,
    Greatest,
}

impl Aggregate {
    fn of(self, score: f64, other: f64) -> f64 {
        match self {
            // The sum of both infinities is no number: it counts as zero.
            Aggregate::Sum => not_nan(score + other),
            Aggregate::Least => other.min(score),
            Aggregate::Greatest => other.max(score),
        }
    }
}

fn not_nan(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score }
}

/// What the words after the keys say.
#[derive(Debug, Default)]
struct Options {
    weights: Option<Vec<f64>>,
    aggregate: Aggregate,
    with_scores: bool,
    /// 0 for no limit.
    limit: usize,
}

/// Which words a command takes after its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// WEIGHTS and AGGREGATE, if the operation knows them; WITHSCORES.
    Scores,
    /// The same without WITHSCORES: the result is stored.
    Weights,
    /// LIMIT.
    Limit,
}

impl Options {
    fn parse(args: &mut Args<'_>, operation: Operation, takes: Takes, sets: usize) -> Result<Options, Stop> {
        let weighs = operation != Operation::Difference && takes != Takes::Limit;
        let mut options = Options::default();
        while !args.is_empty() {
            if weighs && args.len() > sets && args.keyword("WEIGHTS") {
                let weight = |_| args.float().map_err(|_| Stop::error("ERR weight value is not a float"));
                options.weights = Some((0..sets).map(weight).collect::<Result<_, _>>()?);
            } else if weighs && args.len() >= 2 && args.keyword("AGGREGATE") {
                options.aggregate = aggregate(args)?;
            } else if takes == Takes::Scores && args.keyword("WITHSCORES") {
                options.with_scores = true;
            } else if takes == Takes::Limit && args.len() >= 2 && args.keyword("LIMIT") {
                let limit = args.integer_or(NEGATIVE_LIMIT)?;
                options.limit = usize::try_from(limit).map_err(|_| Stop::error(NEGATIVE_LIMIT))?;
            } else {
                return Err(Stop::SYNTAX);
            }
        }
        Ok(options)
    }
}

const NEGATIVE_LIMIT: &str = "ERR LIMIT can't be negative";

fn aggregate(args: &mut Args<'_>) -> Result<Aggregate, Stop> {
    if args.keyword("SUM") {
        Ok(Aggregate::Sum)
    } else if args.keyword("MIN") {
        Ok(Aggregate::Least)
    } else if args.keyword("MAX") {
        Ok(Aggregate::Greatest)
    } else {
        Err(Stop::SYNTAX)
    }
}

/// Reads keys and options and looks the sets up: a wrong type is complained about before a wrong option.
fn read(
    ctx: &mut Context<'_>,
    args: &mut Args<'_>,
    operation: Operation,
    takes: Takes,
) -> Result<(Vec<Source>, Options), Stop> {
    let number = args.integer()?;
    if number < 1 {
        let name = String::from_utf8_lossy(ctx.request.word(0)).to_lowercase();
        return Err(Stop::from(format!("ERR at least 1 input key is needed for '{name}' command")));
    }
    let number = usize::try_from(number).ok().filter(|&number| number <= args.len()).ok_or(Stop::SYNTAX)?;
    let mut sources = Vec::with_capacity(number);
    for _ in 0..number {
        sources.push(Source::look_up(ctx, args.next()?)?);
    }
    let options = Options::parse(args, operation, takes, number)?;
    if let Some(weights) = &options.weights {
        sources.iter_mut().zip(weights).for_each(|(source, weight)| source.weight = *weight);
    }
    Ok((sources, options))
}

fn combined(
    ctx: &mut Context<'_>,
    args: &mut Args<'_>,
    operation: Operation,
    takes: Takes,
) -> Result<(Vec<Scored>, Options), Stop> {
    let (sources, options) = read(ctx, args, operation, takes)?;
    let elements = Work { operation, aggregate: options.aggregate, limit: 0 }.run(sources);
    Ok((elements, options))
}

fn show(ctx: &mut Context<'_>, mut args: Args<'_>, operation: Operation) -> Result<(), Stop> {
    let (mut found, options) = combined(ctx, &mut args, operation, Takes::Scores)?;
    sort_elements(&mut found);
    let elements = Elements::new(options.with_scores);
    elements.open(&mut ctx.reply, found.len());
    found.iter().for_each(|(member, score)| elements.element(&mut ctx.reply, member, *score));
    Ok(())
}

fn store(ctx: &mut Context<'_>, mut args: Args<'_>, operation: Operation, event: Event) -> Result<(), Stop> {
    let to = args.next()?;
    let limits = ctx.keys.limits().sorted_set;
    let (found, _) = combined(ctx, &mut args, operation, Takes::Weights)?;
    reply::store(ctx, to, SortedSet::from_elements(found, limits), event);
    Ok(())
}

fn zunion(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    show(ctx, args, Operation::Union)
}

fn zinter(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    show(ctx, args, Operation::Intersection)
}

fn zdiff(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    show(ctx, args, Operation::Difference)
}

fn zunionstore(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    store(ctx, args, Operation::Union, Event::ZUNIONSTORE)
}

fn zinterstore(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    store(ctx, args, Operation::Intersection, Event::ZINTERSTORE)
}

fn zdiffstore(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    store(ctx, args, Operation::Difference, Event::ZDIFFSTORE)
}

fn zintercard(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (sources, options) = read(ctx, &mut args, Operation::Intersection, Takes::Limit)?;
    let work = Work { operation: Operation::Intersection, aggregate: Aggregate::Sum, limit: options.limit };
    let count = work.run(sources).len();
    ctx.reply.integer(count as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3, notifies};

    #[test]
    fn unions_and_intersections() {
        check(
            r#"ZADD a 1 x 2 y | ZADD b 3 y 4 z | ZUNION 2 a b WITHSCORES -> ["x", "1", "z", "4", "y", "5"]
            ZINTER 2 a b WITHSCORES WEIGHTS 2 10 AGGREGATE MAX -> ["y", "30"] | ZDIFF 2 a b WITHSCORES -> ["x", "1"]
            ZUNION 2 a none -> ["x", "y"] | ZINTER 2 a none -> [] | ZDIFF 2 none a -> [] | ZUNION 2 a a AGGREGATE MIN WITHSCORES -> ["x", "1", "y", "2"]
            ZINTERCARD 2 a b -> 1 | ZINTERCARD 2 a a LIMIT 1 -> 1 | ZINTERCARD 1 none -> 0
            ZADD i inf m | ZADD j -inf m | ZUNION 2 i j WITHSCORES -> ["m", "0"] | ZUNION 1 i WEIGHTS 0 WITHSCORES -> ["m", "0"]"#,
        );
        check_resp3("ZADD a 1 x | ZUNION 1 a WITHSCORES -> [[\"x\", ,1]]");
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        check(
            "ZADD a 1 x | ZUNION 0 a -> ERR at least 1 input key is needed for 'zunion' command
            ZUNION x a -> ERR value is not an integer or out of range | ZUNION 3 a a -> ERR syntax error
            ZUNION 1 a WEIGHTS x -> ERR weight value is not a float | ZUNION 1 a WEIGHTS -> ERR syntax error
            ZUNION 1 a AGGREGATE AVG -> ERR syntax error | ZDIFF 1 a WEIGHTS 1 -> ERR syntax error
            ZINTERCARD 1 a LIMIT -1 -> ERR LIMIT can't be negative | ZINTERSTORE d 1 a WITHSCORES -> ERR syntax error
            SET s v | ZUNION 2 s a FOO -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }

    #[test]
    fn results_are_stored() {
        check(
            "ZADD a 1 x 2 y | ZADD b 3 y | ZUNIONSTORE d 2 a b -> 2 | ZSCORE d y -> \"5\" | ZINTERSTORE d 2 a none -> 0 | EXISTS d -> 0
            ZDIFFSTORE a 2 a b -> 1 | ZRANGE a 0 -1 -> [\"x\"]",
        );
        notifies(
            "ZADD a 1 x | ZUNIONSTORE d 1 a -> new d, zunionstore d | ZINTERSTORE d 2 a none -> keymiss none, del d
            ZDIFFSTORE d 1 none -> keymiss none",
        );
    }
}
