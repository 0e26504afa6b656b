//! One manifest line as text, names quoted where Redis quotes them.

use super::FileEntry;
use std::fmt::Write;

/// Appends the line of `entry`.
pub(super) fn entry(text: &mut String, entry: &FileEntry) {
    text.push_str("file ");
    name(text, &entry.name);
    let _ = write!(text, " seq {} type {}", entry.sequence, entry.kind.letter());
    if let Some(start) = entry.start_offset {
        let _ = write!(text, " startoffset {start}");
    }
    if let Some(end) = entry.end_offset {
        let _ = write!(text, " endoffset {end}");
    }
    text.push('\n');
}

fn name(text: &mut String, name: &str) {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'\\".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_plain) {
        text.push_str(name);
        return;
    }
    text.push('"');
    name.bytes().for_each(|byte| quoted(text, byte));
    text.push('"');
}

fn quoted(text: &mut String, byte: u8) {
    match byte {
        b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
        b'\n' => text.push_str("\\n"),
        b'\r' => text.push_str("\\r"),
        b'\t' => text.push_str("\\t"),
        0x07 => text.push_str("\\a"),
        0x08 => text.push_str("\\b"),
        b' '..=b'~' => text.push(char::from(byte)),
        _ => {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
}
