//! How many entries of a stream's history a group has read, and how many are still before it: told only where it is certain.

use encodings::id_tree::Id;

use super::group::Group;
use super::log::Log;

impl Log {
    /// How many entries were ever added up to an identifier, where that can be told from what is remembered.
    pub fn entries_up_to(&self, id: Id) -> Option<u64> {
        let marks = self.marks;
        if marks.entries_added == 0 {
            return Some(0);
        }
        if self.is_empty() && id <= marks.last_id {
            return Some(marks.entries_added);
        }
        if id != Id::MIN && id < marks.max_deleted_id {
            return None;
        }
        if id >= marks.last_id {
            return (id == marks.last_id).then_some(marks.entries_added);
        }
        let is_whole = marks.max_deleted_id == Id::MIN || marks.max_deleted_id < marks.first_id;
        let before_first = marks.entries_added.saturating_sub(self.len() as u64);
        match id.cmp(&marks.first_id) {
            std::cmp::Ordering::Less if is_whole => Some(before_first),
            std::cmp::Ordering::Equal if is_whole => Some(before_first + 1),
            _ => None,
        }
    }

    /// Whether an entry from this identifier on was deleted that had entries before and behind it.
    fn has_gap_from(&self, id: Id) -> bool {
        let marks = self.marks;
        let has_gap =
            !self.is_empty() && marks.max_deleted_id != Id::MIN && marks.first_id <= marks.max_deleted_id;
        has_gap && id <= marks.max_deleted_id
    }
}

impl Group {
    /// How many entries the group has not read, where that can be told. Negative if it was told to have read more than there
    /// were.
    pub fn lag(&self, log: &Log) -> Option<i64> {
        let (marks, len) = (log.marks, log.len() as u64);
        if marks.entries_added == 0 || log.is_empty() {
            return Some(0);
        }
        if self.last_id < marks.first_id && marks.max_deleted_id < marks.first_id {
            return Some(len.cast_signed());
        }
        let read = self.entries_read.filter(|_| !log.has_gap_from(self.last_id));
        let read = read.or_else(|| log.entries_up_to(self.last_id))?;
        Some(marks.entries_added.wrapping_sub(read).cast_signed())
    }

    /// The group reads up to an entry, if it has not yet; false if it has.
    pub fn advance(&mut self, log: &Log, id: Id) -> bool {
        if id <= self.last_id {
            return false;
        }
        let is_certain = self.last_id >= log.marks.first_id && !log.has_gap_from(self.last_id);
        match self.entries_read {
            Some(read) if is_certain => self.entries_read = Some(read.wrapping_add(1)),
            _ if log.marks.entries_added > 0 => self.entries_read = log.entries_up_to(id),
            _ => {}
        }
        self.last_id = id;
        true
    }
}
