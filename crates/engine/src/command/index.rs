//! The index of commands: names to ids, in constant time and any case.

use super::Command;
use super::element::ElementPlace;

/// The position of a command or subcommand in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub u16);

/// A command in the table.
pub struct Indexed {
    /// Its declaration and function.
    pub command: Command,
    /// Its id.
    pub id: CommandId,
    /// The container, if it is a subcommand.
    pub parent: Option<CommandId>,
    /// Lower-case name as COMMAND shows it: `get`, `config|get`.
    pub full_name: String,
    /// The ids of its subcommands, in order.
    pub subcommands: Vec<CommandId>,
    /// The word of its first key if that is always the same; 0 otherwise.
    pub first_key: usize,
    /// Where the element is that it looks up in its first key's value, if it does.
    pub element: Option<ElementPlace>,
}

/// All commands.
pub struct Table {
    entries: Vec<Indexed>,
    /// Open addressing over a hash of the lower-case name: id + 1, 0 for free.
    slots: Vec<u16>,
    top_level: usize,
}

const SLOTS: usize = 2048;

impl Table {
    /// Builds the table from every group's list.
    pub fn new(groups: &[&[&'static [Command]]]) -> Table {
        let mut table = Table { entries: Vec::new(), slots: vec![0; SLOTS], top_level: 0 };
        for command in groups.iter().flat_map(|group| group.iter()).flat_map(|list| list.iter()) {
            let id = table.add(*command, None);
            table.place(id);
            table.top_level += 1;
        }
        table
    }

    fn add(&mut self, command: Command, parent: Option<CommandId>) -> CommandId {
        let id = CommandId(self.entries.len() as u16);
        let own = command.spec.name.to_ascii_lowercase();
        let full_name = match parent {
            Some(parent) => format!("{}|{own}", self.get(parent).full_name),
            None => own,
        };
        let first_key = match command.spec.keys {
            [spec, ..] if !spec.flags.is_not_key() => match spec.begin {
                super::key_spec::BeginSearch::Index(index)
                    if matches!(spec.find, super::key_spec::FindKeys::Range { .. }) =>
                {
                    index
                }
                _ => 0,
            },
            _ => 0,
        };
        let element = if first_key == 1 { ElementPlace::of(&command.spec) } else { None };
        let subcommands = Vec::new();
        self.entries.push(Indexed { command, id, parent, full_name, subcommands, first_key, element });
        for subcommand in command.subcommands {
            let child = self.add(*subcommand, Some(id));
            self.entries[usize::from(id.0)].subcommands.push(child);
        }
        id
    }

    fn place(&mut self, id: CommandId) {
        let mut slot = hash(self.get(id).command.spec.name.as_bytes());
        while self.slots[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        self.slots[slot] = id.0 + 1;
    }

    /// The entry of an id.
    #[inline]
    pub fn get(&self, id: CommandId) -> &Indexed {
        &self.entries[usize::from(id.0)]
    }

    /// The top-level command of this name, in any case.
    #[inline]
    pub fn find(&self, name: &[u8]) -> Option<&Indexed> {
        let mut slot = hash(name);
        loop {
            let id = self.slots[slot].checked_sub(1)?;
            let entry = &self.entries[usize::from(id)];
            if entry.command.spec.name.as_bytes().eq_ignore_ascii_case(name) {
                return Some(entry);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// The subcommand of this name, in any case.
    pub fn find_subcommand(&self, container: &Indexed, name: &[u8]) -> Option<&Indexed> {
        let named = |id: &&CommandId| self.get(**id).command.spec.name.as_bytes().eq_ignore_ascii_case(name);
        container.subcommands.iter().find(named).map(|id| self.get(*id))
    }

    /// A command by its full name: `get`, `config|get`.
    pub fn find_full(&self, name: &[u8]) -> Option<&Indexed> {
        match name.iter().position(|&byte| byte == b'|') {
            Some(bar) => self.find_subcommand(self.find(&name[..bar])?, &name[bar + 1..]),
            None => self.find(name),
        }
    }

    /// Every command and subcommand by id.
    pub fn all(&self) -> &[Indexed] {
        &self.entries
    }

    /// The top-level commands.
    pub fn top_level(&self) -> impl Iterator<Item = &Indexed> {
        self.entries.iter().filter(|entry| entry.parent.is_none())
    }

    /// Number of top-level commands.
    pub fn top_level_len(&self) -> usize {
        self.top_level
    }
}

/// A hash of up to the first 16 bytes and the length, with letters folded to one case.
#[inline]
fn hash(name: &[u8]) -> usize {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    let mut word = [0_u8; 16];
    let taken = name.len().min(16);
    word[..taken].copy_from_slice(&name[..taken]);
    let (low, high) = word.split_at(8);
    let number = |half: &[u8]| u64::from_le_bytes(half.try_into().expect("a half has 8 bytes")) | FOLD;
    let mixed = number(low).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ number(high).wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
        ^ (name.len() as u64).wrapping_mul(0x1656_67b1_9e37_79f9);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53) as usize
}
