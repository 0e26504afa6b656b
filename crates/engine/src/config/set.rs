//! CONFIG SET: several options at once, all or none.

use std::fmt;

use super::option::{Refusal, Row, Source};
use super::options::{Config, Permission};
use super::table;
use super::text::on_one_line;

/// Where the client that asks for a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// On this machine: over loopback or the unix socket.
    Local,
    /// Anywhere else.
    Remote,
}

/// Why nothing was changed, shown in the words of Redis with their `ERR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    /// There is no such option.
    Unknown {
        /// The name as it was given.
        name: Vec<u8>,
    },
    /// The option, or its value, was refused.
    Failed {
        /// The option's name.
        name: Vec<u8>,
        /// Why.
        reason: Refusal,
    },
}

impl SetError {
    /// A refusal that has to do with an option.
    pub fn failed(name: impl Into<Vec<u8>>, reason: Refusal) -> Self {
        Self::Failed { name: name.into(), reason }
    }
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name } => {
                let name = on_one_line(name);
                // Up to a NUL, as Redis's format strings quote.
                let name = name.split('\0').next().unwrap_or_default();
                write!(f, "ERR Unknown option or number of arguments for CONFIG SET - '{name}'")
            }
            Self::Failed { name, reason } => {
                let name = on_one_line(name);
                write!(f, "ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}")
            }
        }
    }
}

impl std::error::Error for SetError {}

/// The options whose values a change made different, by canonical name.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ChangedOptions(Vec<&'static str>);

impl ChangedOptions {
    /// Whether the option is among them.
    ///
    /// # Panics
    /// In debug builds, when there is no option of that canonical name.
    pub fn contains(&self, name: &str) -> bool {
        debug_assert!(table::rows().any(|row| row.name == name), "no option is called {name}");
        self.0.contains(&name)
    }

    /// The names, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// Whether everything stays as it was.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn between(before: &Config, after: &Config) -> Self {
        Self(table::rows().filter(|row| (row.differs)(before, after)).map(|row| row.name).collect())
    }
}

/// A change that is found good and not made yet: whoever makes it acts on what changed first, and drops it on failure.
#[derive(Clone, Debug)]
#[must_use = "a change does nothing until it is committed"]
pub struct Change {
    next: Config,
    changed: ChangedOptions,
}

impl Change {
    /// The configuration as it will be.
    pub fn config(&self) -> &Config {
        &self.next
    }

    /// What will be different.
    pub fn changed(&self) -> &ChangedOptions {
        &self.changed
    }

    /// Makes the change. The configuration must be the one it was prepared from.
    pub fn commit(self, config: &mut Config) -> ChangedOptions {
        *config = self.next;
        self.changed
    }
}

impl Config {
    /// Prepares setting options to values. Nothing changes until the result is committed.
    pub fn prepare(
        &self,
        pairs: &[(impl AsRef<[u8]>, impl AsRef<[u8]>)],
        caller: Caller,
    ) -> Result<Change, SetError> {
        let mut settings: Vec<Setting<'_>> = Vec::new();
        for (name, value) in pairs {
            let setting = self.allowed(name.as_ref(), value.as_ref(), caller)?;
            if settings.iter().any(|earlier| earlier.spelled == setting.spelled) {
                return Err(SetError::failed(name.as_ref(), Refusal::new("duplicate parameter")));
            }
            settings.push(setting);
        }
        let mut next = self.clone();
        for Setting { row, spelled, value } in settings {
            let assigned = row.assign_text(&mut next, value, Source::Command);
            assigned.map_err(|reason| SetError::failed(spelled, reason))?;
        }
        let changed = ChangedOptions::between(self, &next);
        Ok(Change { next, changed })
    }

    /// Sets options to values, all or none, where nothing outside needs to be done. Tells what is different now.
    pub fn set(
        &mut self,
        pairs: &[(impl AsRef<[u8]>, impl AsRef<[u8]>)],
        caller: Caller,
    ) -> Result<ChangedOptions, SetError> {
        Ok(self.prepare(pairs, caller)?.commit(self))
    }

    /// The option to set, if it may be set while the server runs.
    fn allowed<'a>(&self, name: &[u8], value: &'a [u8], caller: Caller) -> Result<Setting<'a>, SetError> {
        let Some((row, spelled)) = table::find(name) else {
            return Err(SetError::Unknown { name: name.to_vec() });
        };
        if row.flags.is_immutable {
            return Err(SetError::failed(name, Refusal::new("can't set immutable config")));
        }
        if row.flags.is_protected && !self.security.enable_protected_configs.covers(caller) {
            return Err(SetError::failed(name, Refusal::new("can't set protected config")));
        }
        Ok(Setting { row, spelled, value })
    }
}

/// One pair of CONFIG SET.
struct Setting<'a> {
    row: &'static Row,
    spelled: &'static str,
    value: &'a [u8],
}

impl Permission {
    /// Whether a client there is permitted.
    pub fn covers(self, caller: Caller) -> bool {
        match self {
            Self::Nobody => false,
            Self::Everybody => true,
            Self::Local => caller == Caller::Local,
        }
    }
}

#[cfg(test)]
mod tests;
