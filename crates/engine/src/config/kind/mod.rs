//! The kinds of values: each owns how a value is read, bounded, printed, written to a file, and refused.

mod buffer_limits;
mod choice;
mod event_classes;
mod integer;
mod memory;
mod memory_share;
mod octal;
mod path;
mod percentiles;
mod scores;
mod shutdown;
mod text;
mod title;
mod yes_no;

mod addresses;
mod primary;
mod release;
mod save_points;
mod secret;

pub use addresses::Addresses;
pub use buffer_limits::{BufferLimit, BufferLimits};
pub(super) use choice::choices;
pub use choice::{named, one_of};
pub use event_classes::EventClasses;
pub use integer::{Hertz, Integer};
pub use memory::{BacklogSize, Memory};
pub use memory_share::{MemoryShare, Share};
pub use octal::Octal;
pub use path::{Directory, DirectoryName, FileName, FilePath};
pub use percentiles::Percentiles;
pub use primary::{PrimaryAddress, ReplicaOf};
pub use release::Release;
pub use save_points::{SavePoint, SavePoints};
pub use scores::OomScores;
pub use secret::{Secret, SecretText};
pub use shutdown::{ShutdownChoices, ShutdownOptions};
pub use text::Text;
pub use title::{TitleTemplate, TitleText};
pub use yes_no::YesNo;

use stdx::bytes::quoted;

use super::option::{Arguments, Refusal, Source};

/// How one kind of option reads, prints and writes its values. Implemented by types without values of their own.
pub trait Kind {
    /// What the configuration holds.
    type Value: Clone + PartialEq;

    /// How many words the value has in a file.
    const ARGUMENTS: Arguments = Arguments::One;

    /// Whether the value must never be shown in a log.
    const IS_SECRET: bool = false;

    /// Reads a value.
    fn parse(given: &Given<'_, Self::Value>) -> Result<Self::Value, Refusal>;

    /// The value as CONFIG GET shows it.
    fn print(value: &Self::Value) -> Vec<u8>;

    /// The accepted values in words, for the sample file and for help: "yes or no".
    fn accepts() -> String;

    /// The value as a file has it, quoted where it must be.
    fn write(value: &Self::Value) -> Vec<u8> {
        Self::print(value)
    }

    /// The lines of a file that say the value: one, unless the kind needs more or none.
    fn lines(name: &str, value: &Self::Value, default: &Self::Value) -> Vec<Line> {
        vec![Line::new(name, &Self::write(value), value != default)]
    }
}

/// The words of a new value and what they may depend on.
pub struct Given<'a, Value> {
    /// Canonical name of the option, for refusals that name it.
    pub name: &'static str,
    /// The value's words. Exactly one for kinds of one argument.
    pub words: &'a [&'a [u8]],
    /// The value that the field has now.
    pub present: &'a Value,
    /// Where the new value comes from.
    pub source: Source,
}

impl<Value> Given<'_, Value> {
    /// The only word, of a kind of one argument.
    pub fn word(&self) -> &[u8] {
        self.words.first().copied().unwrap_or_default()
    }

    /// The only word as text.
    pub fn text(&self) -> Result<&str, Refusal> {
        as_text(self.word())
    }
}

/// Names, addresses and the like must be text that can be shown.
fn as_text(word: &[u8]) -> Result<&str, Refusal> {
    match std::str::from_utf8(word) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(Refusal::new("argument must be valid UTF-8 text without zero bytes")),
    }
}

/// A word as a file has it: quoted only where it would be read differently without.
fn written_word(word: &str) -> String {
    let is_plain =
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'\\".contains(&byte));
    if is_plain { word.to_owned() } else { quoted(word.as_bytes()) }
}

/// A line that CONFIG REWRITE may write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Name and value, without the line's end.
    pub text: Vec<u8>,
    /// Whether the line is written even if the file has no line for the option: the value is not the default.
    pub is_needed: bool,
}

impl Line {
    /// A line of an option's name and its value as written.
    pub fn new(name: &str, value: &[u8], is_needed: bool) -> Self {
        Self { text: [name.as_bytes(), b" ", value].concat(), is_needed }
    }
}
