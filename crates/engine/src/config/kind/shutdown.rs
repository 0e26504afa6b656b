//! How to shut down on a signal.

use super::choice::{named, one_of};
use super::{Given, Kind};
use crate::config::Refusal;
use crate::config::option::Arguments;

/// What a shutdown does, with the words of SHUTDOWN. None set: save if save points are configured, and wait for replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ShutdownOptions {
    /// Save even without save points.
    pub save: bool,
    /// Do not save.
    pub nosave: bool,
    /// Do not wait for replicas that lag.
    pub now: bool,
    /// Go on when saving fails.
    pub force: bool,
}

impl ShutdownOptions {
    /// None of the options.
    pub const DEFAULT: Self = Self { save: false, nosave: false, now: false, force: false };
}

/// Adds one option to those chosen so far.
type Choose = fn(&mut ShutdownOptions);

/// Some of the options of SHUTDOWN, or `default`.
pub enum ShutdownChoices {}

impl ShutdownChoices {
    const NAMES: &'static [(&'static str, Choose)] = &[
        ("default", |_| ()),
        ("save", |options| options.save = true),
        ("nosave", |options| options.nosave = true),
        ("now", |options| options.now = true),
        ("force", |options| options.force = true),
    ];
}

impl Kind for ShutdownChoices {
    type Value = ShutdownOptions;

    const ARGUMENTS: Arguments = Arguments::Several;

    fn parse(given: &Given<'_, ShutdownOptions>) -> Result<ShutdownOptions, Refusal> {
        if given.words.is_empty() {
            return Err(super::choice::unknown_name(Self::NAMES.iter().map(|(name, _)| *name)));
        }
        let mut options = ShutdownOptions::DEFAULT;
        for word in given.words {
            named(Self::NAMES, word)?(&mut options);
        }
        if options.save && options.nosave {
            return Err(Refusal::new("shutdown options SAVE and NOSAVE can't be used simultaneously"));
        }
        Ok(options)
    }

    fn print(value: &ShutdownOptions) -> Vec<u8> {
        let chosen =
            [(value.save, "save"), (value.nosave, "nosave"), (value.now, "now"), (value.force, "force")];
        let words: Vec<&str> = chosen.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name).collect();
        if words.is_empty() { b"default".to_vec() } else { words.join(" ").into_bytes() }
    }

    fn accepts() -> String {
        format!("{}; several may stand together", one_of(Self::NAMES))
    }
}
