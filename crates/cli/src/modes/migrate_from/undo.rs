//! What has to be put back when a migration does not come to its end.

use super::peer::Peer;
use super::say;

/// Which of the two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that the data come from.
    Source,
    /// The one that they go to.
    Target,
}

/// One step back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where.
    pub side: Side,
    /// The command.
    pub words: Vec<Vec<u8>>,
    /// What it does, in words without passwords.
    pub says: String,
}

/// The steps back, in the order in which the steps forth were taken.
#[derive(Debug, Default)]
pub struct Undo {
    steps: Vec<Step>,
}

impl Undo {
    /// Notes a step back. To be called before the step forth: one whose reply is lost may have been taken.
    pub fn note(&mut self, side: Side, words: &[&[u8]], says: &str) {
        let words = words.iter().map(|word| word.to_vec()).collect();
        self.steps.push(Step { side, words, says: says.to_owned() });
    }

    /// Puts a step back in.
    pub fn put(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Takes the steps back out that concern a server; the last one comes first.
    pub fn take(&mut self, side: Side) -> Vec<Step> {
        let mut taken: Vec<Step> = self.steps.extract_if(.., |step| step.side == side).collect();
        taken.reverse();
        taken
    }

    /// Forgets a server's steps back: what was done there stays.
    pub fn forget(&mut self, side: Side) {
        self.steps.retain(|step| step.side != side);
    }

    /// Goes all steps back, the source's first: its clients wait. Returns how many failed; each was said.
    pub fn run(&mut self, source: &mut Peer, target: &mut Peer) -> usize {
        let mut failures = 0;
        for side in [Side::Source, Side::Target] {
            let peer = if side == Side::Source { &mut *source } else { &mut *target };
            failures += run_steps(self.take(side), peer);
        }
        failures
    }
}

/// Goes steps back at one server. Returns how many failed.
pub fn run_steps(steps: Vec<Step>, peer: &mut Peer) -> usize {
    let mut failures = 0;
    for step in steps {
        match peer.order(&step.words) {
            Ok(_) => say(&format!("Put back: {}.", step.says)),
            Err(error) => {
                failures += 1;
                say(&format!("NOT put back: {} ({error}).", step.says));
            }
        }
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_is_taken_back_first_at_each_server() {
        let mut undo = Undo::default();
        undo.note(Side::Target, &[b"A"], "a");
        undo.note(Side::Source, &[b"B"], "b");
        undo.note(Side::Target, &[b"C", b"D"], "c");
        let says = |steps: Vec<Step>| steps.into_iter().map(|step| step.says).collect::<Vec<_>>();
        assert_eq!(says(undo.take(Side::Target)), ["c", "a"]);
        undo.forget(Side::Source);
        assert!(undo.take(Side::Source).is_empty() && undo.take(Side::Target).is_empty());
    }
}
