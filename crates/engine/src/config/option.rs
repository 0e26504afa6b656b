//! One option: its row, what the row says, and the macro that turns rows into fields and table entries.

use std::borrow::Cow;
use std::fmt;

use super::kind::Line;
use super::options::Config;

/// Everything known about one option. The functions read and write its field of a `Config`.
pub struct Row {
    /// Canonical name, as CONFIG REWRITE writes it.
    pub name: &'static str,
    /// Older or other vendors' spellings, accepted everywhere and listed by CONFIG GET.
    pub aliases: &'static [&'static str],
    /// Documentation, one string a line.
    pub documentation: &'static [&'static str],
    /// When the option may change, and who may see it.
    pub flags: Flags,
    /// How many words the value has.
    pub arguments: Arguments,
    /// Whether the value is a password: never to be shown in a log.
    pub is_secret: bool,
    /// The accepted values, in words.
    pub accepts: fn() -> String,
    /// The value as CONFIG GET shows it.
    pub print: fn(&Config) -> Vec<u8>,
    /// The lines that CONFIG REWRITE writes, with the option's name.
    pub lines: fn(&Config) -> Vec<Line>,
    /// Reads a new value and puts it into its field; a refused value leaves the field as it was.
    pub assign: Assign,
    /// Whether two configurations differ in this option.
    pub differs: fn(&Config, &Config) -> bool,
}

/// Reads the words of a value from a source into the field of an option.
pub type Assign = fn(&mut Config, &[&[u8]], Source) -> Result<(), Refusal>;

impl Row {
    /// Canonical name first, then the aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Assigns from the words of a line of a file, the name not among them.
    pub fn assign_words(&self, config: &mut Config, words: &[&[u8]], source: Source) -> Result<(), Refusal> {
        match (self.arguments, words) {
            (Arguments::One, [_]) => (self.assign)(config, words, source),
            (Arguments::One, _) => Err(Refusal::WRONG_NUMBER),
            (Arguments::Several, &[only]) => self.assign_text(config, only, source),
            (Arguments::Several, _) => (self.assign)(config, words, source),
        }
    }

    /// Assigns from one text, as CONFIG SET gives it: an option of several words is cut at each space.
    pub fn assign_text(&self, config: &mut Config, text: &[u8], source: Source) -> Result<(), Refusal> {
        if self.arguments == Arguments::One || text.is_empty() {
            return (self.assign)(config, &[text], source);
        }
        let words: Vec<&[u8]> = text.split(|&byte| byte == b' ').collect();
        (self.assign)(config, &words, source)
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Row").field(&self.name).finish()
    }
}

/// How many words an option's value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// Exactly one.
    One,
    /// Any number; the kind counts them.
    Several,
}

/// Where a new value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The first line of a file or command line that names the option: what is there is the default.
    FirstLine,
    /// A later line: what is there comes from the lines before.
    LaterLine,
    /// CONFIG SET.
    Command,
}

/// Why a value is not accepted, in the words that Redis uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(Cow<'static, str>);

impl Refusal {
    /// Too few or too many words for the option.
    pub const WRONG_NUMBER: Self = Self(Cow::Borrowed("wrong number of arguments"));

    /// A refusal in these words.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// When an option may change, and who may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Flags {
    /// Fixed at the start: CONFIG SET refuses it.
    pub is_immutable: bool,
    /// CONFIG SET changes it only where `enable-protected-configs` allows.
    pub is_protected: bool,
    /// CONFIG GET shows it only under its full name.
    pub is_hidden: bool,
}

impl Flags {
    /// May be changed at any time by anybody who may use CONFIG.
    pub const MUTABLE: Self = Self { is_immutable: false, is_protected: false, is_hidden: false };
    /// Fixed at the start.
    pub const IMMUTABLE: Self = Self { is_immutable: true, ..Self::MUTABLE };
    /// Changeable where `enable-protected-configs` allows.
    pub const PROTECTED: Self = Self { is_protected: true, ..Self::MUTABLE };
    /// Changeable, and absent from CONFIG GET patterns.
    pub const HIDDEN: Self = Self { is_hidden: true, ..Self::MUTABLE };
}

/// An identifier of a row as the option's name: `tcp_backlog` is "tcp-backlog".
pub(super) const fn dashed<const LENGTH: usize>(identifier: &str) -> [u8; LENGTH] {
    let mut name = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        let byte = identifier.as_bytes()[at];
        name[at] = if byte == b'_' { b'-' } else { byte };
        at += 1;
    }
    name
}

/// The option's name of an identifier, at compile time.
macro_rules! option_name {
    ($identifier:ident) => {{
        const NAME: [u8; stringify!($identifier).len()] =
            $crate::config::option::dashed(stringify!($identifier));
        match std::str::from_utf8(&NAME) {
            Ok(name) => name,
            Err(_) => panic!("an identifier is UTF-8"),
        }
    }};
}

/// The flags of a row.
macro_rules! option_flags {
    (mutable) => {
        $crate::config::option::Flags::MUTABLE
    };
    (immutable) => {
        $crate::config::option::Flags::IMMUTABLE
    };
    (protected) => {
        $crate::config::option::Flags::PROTECTED
    };
    (hidden) => {
        $crate::config::option::Flags::HIDDEN
    };
}

/// One area of options: a struct with a field for each row, its defaults, and the table entries `ROWS`.
///
/// A row is its documentation, then `name | alias: Kind = default, flags;`. An underscore stands for the dash of the
/// option's name. The flags are one of `mutable`, `immutable`, `protected` and `hidden`.
macro_rules! options {
    (
        $(#[doc = $about:literal])+
        $area:ident at $field:ident;
        $(
            $(#[doc = $documentation:literal])+
            $name:ident $(| $alias:ident)* : $kind:ty = $default:expr, $flags:ident;
        )+
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $area {
            $(
                $(#[doc = $documentation])+
                pub $name: <$kind as $crate::config::kind::Kind>::Value,
            )+
        }

        impl Default for $area {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl $area {
            /// The rows of this area, in the order of the sample file.
            pub const ROWS: &'static [$crate::config::option::Row] = &[$(
                $crate::config::option::Row {
                    name: option_name!($name),
                    aliases: &[$(option_name!($alias)),*],
                    documentation: &[$($documentation),+],
                    flags: option_flags!($flags),
                    arguments: <$kind as $crate::config::kind::Kind>::ARGUMENTS,
                    is_secret: <$kind as $crate::config::kind::Kind>::IS_SECRET,
                    accepts: <$kind as $crate::config::kind::Kind>::accepts,
                    print: |config| {
                        <$kind as $crate::config::kind::Kind>::print(&config.$field.$name)
                    },
                    lines: |config| {
                        <$kind as $crate::config::kind::Kind>::lines(
                            option_name!($name), &config.$field.$name, &$default,
                        )
                    },
                    assign: |config, words, source| {
                        let given = $crate::config::kind::Given {
                            name: option_name!($name),
                            words,
                            present: &config.$field.$name,
                            source,
                        };
                        config.$field.$name = <$kind as $crate::config::kind::Kind>::parse(&given)?;
                        Ok(())
                    },
                    differs: |left, right| left.$field.$name != right.$field.$name,
                }
            ),+];
        }
    };
}
