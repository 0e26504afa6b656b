//! Which word of a request is the member or field that its command looks up in the value of its first key.
//!
//! It follows from the documented arguments, and is used to fetch memory ahead: what is not found here is only slower.

use super::docs::{Arg, ArgKind};
use super::spec::{Group, Spec};

/// Where the first element stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementPlace {
    /// It is this word.
    Word(usize),
    /// It is the last word; a score stands before it if so marked.
    Last {
        /// Whether it comes with a score.
        is_scored: bool,
    },
}

impl ElementPlace {
    /// Where a command whose first key is word 1 has it.
    pub fn of(spec: &Spec) -> Option<ElementPlace> {
        if !matches!(spec.group, Group::Set | Group::Hash | Group::SortedSet | Group::Geo) {
            return None;
        }
        // Arguments that are always there tell their place from the front, the last one from the end.
        let mut word = 1;
        for arg in spec.args {
            if arg.optional || arg.token.is_some() {
                return last(spec.args.last()?);
            }
            match arg.kind {
                ArgKind::Block(parts) => return first_of(parts).map(|at| ElementPlace::Word(word + at)),
                _ if is_element(arg) => return Some(ElementPlace::Word(word)),
                _ if arg.multiple => return None,
                _ => word += 1,
            }
        }
        None
    }
}

fn is_element(arg: &Arg) -> bool {
    matches!(arg.kind, ArgKind::String) && matches!(arg.name, "member" | "field")
}

fn first_of(parts: &[Arg]) -> Option<usize> {
    parts.iter().position(is_element)
}

fn last(arg: &Arg) -> Option<ElementPlace> {
    if arg.optional {
        return None;
    }
    let ArgKind::Block(parts) = arg.kind else {
        return is_element(arg).then_some(ElementPlace::Last { is_scored: false });
    };
    let (end, before) = parts.split_last()?;
    let is_scored = matches!(before, [Arg { kind: ArgKind::Double, name: "score", .. }]);
    is_element(end).then_some(ElementPlace::Last { is_scored })
}
