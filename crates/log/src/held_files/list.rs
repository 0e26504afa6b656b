//! The list of kept files, `<appendfilename>.kept`: so that a start finds again what only replicas need.
//!
//! The manifest must not name them: Redis and Valkey remove what it calls history. A file that is not on the list, or
//! whose length is another, is removed.

use super::{HeldFile, Mark, Marks};
use crate::history::ReplicationId;
use crate::offset::Offset;
use crate::scan::Position;
use crate::vfs::{Vfs, replace_file};
use std::fmt::Write;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A list larger than this is not read: its files are removed.
const LIST_BYTES_MAX: u64 = 16 << 20;

/// What the names of kept files end with.
const SUFFIX: &str = ".kept.aof";

/// The name under which a file is kept that begins at `start`: the manifest's numbers may begin anew.
pub(crate) fn kept_name(stem: &str, start: Offset) -> String {
    format!("{stem}.{start}{SUFFIX}")
}

fn is_kept_name(stem: &str, name: &str) -> bool {
    let middle = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('.')?.strip_suffix(SUFFIX));
    middle.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn list_path(directory: &Path, stem: &str) -> PathBuf {
    directory.join(format!("{stem}.kept"))
}

/// Writes the list, or removes it when it is empty.
pub(crate) fn store(vfs: &dyn Vfs, directory: &Path, stem: &str, files: &[HeldFile]) -> io::Result<()> {
    let path = list_path(directory, stem);
    if files.is_empty() {
        return if vfs.exists(&path)? { vfs.remove(&path) } else { Ok(()) };
    }
    let mut text = String::new();
    files.iter().for_each(|file| print(&mut text, file));
    replace_file(vfs, &directory.join(format!("temp-{stem}.kept")), &path, text.as_bytes())
}

fn print(text: &mut String, file: &HeldFile) {
    let Some(end) = file.end else { return };
    let start = file.start;
    let since_s = file.kept_since_s.unwrap_or_default();
    let _ = writeln!(
        text,
        "file {} {} {} {} {} {since_s}",
        start.id, start.offset, end.id, end.offset, file.bytes
    );
    for mark in file.marks.as_slice() {
        let _ = writeln!(text, "mark {} {}", mark.offset, mark.place);
    }
}

/// The kept files on the list that are there and whole, one after the other up to the newest; the others are removed, as
/// are all when the newest does not end at `next`, where the first file of the manifest begins.
pub(crate) fn load(vfs: &dyn Vfs, directory: &Path, stem: &str, next: Option<Position>) -> Vec<HeldFile> {
    let listed = read(vfs, directory, stem);
    let count = listed.len();
    let mut files: Vec<HeldFile> = Vec::new();
    let mut wanted = next;
    for file in listed.into_iter().rev() {
        if file.end != wanted || !is_whole(vfs, directory, &file) {
            break;
        }
        wanted = Some(file.start);
        files.insert(0, file);
    }
    for name in vfs.list(directory).unwrap_or_default() {
        if is_kept_name(stem, &name) && !files.iter().any(|file| file.name == name) {
            let _ = vfs.remove(&directory.join(name));
        }
    }
    if files.len() != count || count == 0 {
        // If that fails the next start does the same again.
        let _ = store(vfs, directory, stem, &files);
    }
    files
}

fn is_whole(vfs: &dyn Vfs, directory: &Path, file: &HeldFile) -> bool {
    let length = vfs.open_read(&directory.join(&file.name)).and_then(|file| file.length_bytes());
    length.is_ok_and(|length| length == file.bytes)
}

fn read(vfs: &dyn Vfs, directory: &Path, stem: &str) -> Vec<HeldFile> {
    let mut text = String::new();
    let file = vfs.open_read(&list_path(directory, stem));
    let read = file.and_then(|file| file.take(LIST_BYTES_MAX).read_to_string(&mut text));
    if read.is_err() { Vec::new() } else { parse(&text, stem) }
}

/// Reads a list. What is damaged ends it: the newest files are last, so none of it can be used.
fn parse(text: &str, stem: &str) -> Vec<HeldFile> {
    let mut files: Vec<HeldFile> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["file", words @ ..] => match file(words, stem) {
                Some(file) => files.push(file),
                None => return Vec::new(),
            },
            ["mark", offset, place] => {
                let (Ok(offset), Ok(place), Some(last)) = (offset.parse(), place.parse(), files.last_mut())
                else {
                    return Vec::new();
                };
                last.marks.add(Mark { offset: Offset(offset), place });
            }
            _ => return Vec::new(),
        }
    }
    files
}

fn file(words: &[&str], stem: &str) -> Option<HeldFile> {
    let [start_id, start, end_id, end, bytes, since_s] = words else { return None };
    let position = |id: &str, offset: &str| {
        let id = ReplicationId::parse(id.as_bytes()).ok()?;
        Some(Position { id, offset: Offset(offset.parse().ok()?) })
    };
    let (start, end) = (position(start_id, start)?, position(end_id, end)?);
    if end.offset <= start.offset {
        return None;
    }
    Some(HeldFile {
        name: kept_name(stem, start.offset),
        start,
        end: Some(end),
        bytes: bytes.parse().ok()?,
        marks: Marks::default(),
        kept_since_s: Some(since_s.parse().ok()?),
        serial: 0,
    })
}
