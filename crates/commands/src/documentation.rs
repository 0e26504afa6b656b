//! What is known of each command apart from the function that runs it: a client needs no more. The static holds no
//! function, so that a program that reads only it is not linked with what the commands do.

use crate::GROUPS;
use engine::command::Command;
pub use engine::command::docs::{Arg, ArgKind};
pub use engine::command::spec::Group;

/// A command or subcommand, documented.
#[derive(Clone, Copy)]
pub struct Documentation {
    /// The container's name; none for a command of its own.
    pub container: Option<&'static str>,
    /// Its name in upper case, without the container's.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    /// The group in which it is listed.
    pub group: Group,
    /// Its arguments.
    pub args: &'static [Arg],
}

/// All commands, each followed by its subcommands.
pub static DOCUMENTATION: [Documentation; COUNT] = collect();

const COUNT: usize = gather(&mut []);

const fn collect() -> [Documentation; COUNT] {
    let mut all = [Documentation::NONE; COUNT];
    gather(&mut all);
    all
}

/// Puts each command in its place, as far as there are places, and counts them all. A constant function knows no iterators.
const fn gather(places: &mut [Documentation]) -> usize {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        let mut file = 0;
        while file < GROUPS[group].len() {
            count = gather_list(None, GROUPS[group][file], places, count);
            file += 1;
        }
        group += 1;
    }
    count
}

const fn gather_list(
    container: Option<&'static str>,
    commands: &[Command],
    places: &mut [Documentation],
    mut count: usize,
) -> usize {
    let mut index = 0;
    while index < commands.len() {
        let command = &commands[index];
        if count < places.len() {
            places[count] = Documentation::of(container, command);
        }
        count = gather_list(Some(command.spec.name), command.subcommands, places, count + 1);
        index += 1;
    }
    count
}

impl Documentation {
    const NONE: Documentation =
        Documentation { container: None, name: "", summary: "", since: "", group: Group::Generic, args: &[] };

    const fn of(container: Option<&'static str>, command: &Command) -> Documentation {
        let spec = &command.spec;
        Documentation {
            container,
            name: spec.name,
            summary: spec.summary,
            since: spec.since,
            group: spec.group,
            args: spec.args,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table;

    #[test]
    fn every_command_of_the_table_is_there() {
        let named = |doc: &Documentation| match doc.container {
            Some(container) => format!("{container}|{}", doc.name).to_lowercase(),
            None => doc.name.to_lowercase(),
        };
        let mut documented: Vec<String> = DOCUMENTATION.iter().map(named).collect();
        let mut known: Vec<String> = table().all().iter().map(|entry| entry.full_name.to_string()).collect();
        documented.sort();
        known.sort();
        assert_eq!(documented, known);
    }
}
