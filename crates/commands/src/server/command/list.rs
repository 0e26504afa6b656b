//! COMMAND LIST: the names of commands and subcommands.

use crate::prelude::*;
use engine::command::index::Indexed;
use stdx::glob;
pub(super) const COMMAND: Command = Command {
    run: list,
    spec: Spec {
        name: "LIST",
        summary: "Shows the names of commands.",
        since: "7.0.0",
        complexity: "O(N) in the number of commands",
        group: Group::Server,
        arity: Arity::AtLeast(2),
        flags: LOADING.and(STALE),
        categories: Categories::CONNECTION,
        args: &[Arg::one_of(
            "filterby",
            &[
                Arg::string("module-name").after("MODULE"),
                Arg::string("category").after("ACLCAT"),
                Arg::pattern("pattern").after("PATTERN"),
            ],
        )
        .after("FILTERBY")
        .optional()],
        tips: &["nondeterministic_output_order"],
        ..Spec::NEW
    },
    subcommands: &[],
};

/// Which commands to list.
enum Filter<'a> {
    All,
    Category(Option<Categories>),
    Pattern(&'a [u8]),
    Module,
}

impl Filter<'_> {
    fn lets_pass(&self, command: &Indexed) -> bool {
        match self {
            Filter::All => true,
            Filter::Category(category) => {
                category.is_some_and(|category| command.command.categories().has(category))
            }
            Filter::Pattern(pattern) => glob::matches(pattern, command.full_name.as_bytes(), true),
            Filter::Module => false,
        }
    }
}

fn list(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let filter = parse(args)?;
    let names: Vec<&str> = ctx
        .engine
        .table
        .all()
        .iter()
        .filter(|command| filter.lets_pass(command))
        .map(|command| command.full_name.as_str())
        .collect();
    ctx.reply.array(names.len());
    for name in names {
        ctx.reply.bulk(name.as_bytes());
    }
    Ok(())
}

fn parse(mut args: Args<'_>) -> Result<Filter<'_>, Stop> {
    if args.is_empty() {
        return Ok(Filter::All);
    }
    if args.len() != 3 || !args.keyword("FILTERBY") {
        return Err(Stop::SYNTAX);
    }
    if args.keyword("MODULE") {
        Ok(Filter::Module)
    } else if args.keyword("ACLCAT") {
        let name = args.next()?;
        let named = |known: &str| known.as_bytes().eq_ignore_ascii_case(name);
        let found = Categories::ALL.iter().find(|(_, known)| named(known));
        Ok(Filter::Category(found.map(|(category, _)| *category)))
    } else if args.keyword("PATTERN") {
        Ok(Filter::Pattern(args.next()?))
    } else {
        Err(Stop::SYNTAX)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn filters() {
        check(
            r#"COMMAND LIST FILTERBY PATTERN rep*of -> ["replicaof"] | COMMAND LIST FILTERBY MODULE json -> []"#,
        );
        check(r#"COMMAND LIST FILTERBY PATTERN config|re* -> ["config|resetstat", "config|rewrite"]"#);
        check("COMMAND LIST FILTERBY ACLCAT nosuch -> [] | COMMAND LIST FILTERBY x y -> ERR syntax error");
        check(
            "COMMAND LIST FILTERBY ACLCAT | COMMAND LIST PATTERN x -> ERR syntax error"
                .split_once(" | ")
                .expect("two")
                .1,
        );
    }
}
