//! SELECT: work in another database.

use crate::prelude::*;

pub(super) const COMMANDS: &[Command] = &[Command {
    run: select,
    spec: Spec {
        name: "SELECT",
        summary: "Chooses the database of the connection.",
        since: "1.0.0",
        group: Group::Connection,
        arity: Arity::Exactly(2),
        flags: LOADING.and(STALE).and(FAST),
        args: &[Arg::integer("index")],
        ..Spec::NEW
    },
    subcommands: &[],
}];

fn select(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let number = args.integer()?;
    if i32::try_from(number).is_err() {
        return Err(Stop::error("ERR value is out of range, value must between -2147483648 and 2147483647"));
    }
    let database = u32::try_from(number).ok().filter(|&number| number < ctx.keys.database_count());
    ctx.client.select(database.ok_or(Stop::error("ERR DB index is out of range"))?);
    ctx.reply.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn each_database_has_its_keys() {
        check("SET k zero | SELECT 15 -> OK | GET k -> nil | SELECT 0 -> OK | GET k -> \"zero\"");
    }

    #[test]
    fn refusals() {
        check(
            "SELECT x -> ERR value is not an integer or out of range | SELECT 16 -> ERR DB index is out of range
             SELECT -1 -> ERR DB index is out of range
             SELECT 9999999999 -> ERR value is out of range, value must between -2147483648 and 2147483647",
        );
    }
}
