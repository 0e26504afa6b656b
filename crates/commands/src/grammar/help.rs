//! The reply of `CONTAINER HELP`.

use resp::reply::Reply;

/// Writes the help of a container: each subcommand as it is written, with what it does, line by line.
pub(crate) fn reply(reply: &mut Reply<'_>, container: &str, subcommands: &[(&str, &[&str])]) {
    let lines: usize = subcommands.iter().map(|(_, lines)| 1 + lines.len()).sum();
    reply.array(lines + 3);
    reply.simple(&format!("{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
    for (syntax, lines) in subcommands {
        reply.simple(syntax);
        for line in *lines {
            reply.simple(&format!("    {line}"));
        }
    }
    reply.simple("HELP");
    reply.simple("    Print this help.");
}
