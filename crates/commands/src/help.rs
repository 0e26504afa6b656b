//! HELP of a container: its subcommands in the form that all containers share.

use engine::execute::context::Context;

/// Replies the help of `container`: `lines`, framed by the line that says how to read them and by HELP itself.
pub(crate) fn reply_help(ctx: &mut Context<'_>, container: &str, lines: &[&str]) {
    ctx.reply.array(lines.len() + 3);
    ctx.reply.simple(&format!("{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
    for line in lines.iter().chain(&["HELP", "    Prints this help."]) {
        ctx.reply.simple(line);
    }
}
