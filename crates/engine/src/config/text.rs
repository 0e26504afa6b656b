//! Small pieces of text that several parts of the configuration need.

use std::io;

/// What the system calls an error, without Rust's number behind it: "No such file or directory".
pub(super) fn system_error(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

/// A name that came from outside, as one line of an error.
pub(super) fn on_one_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(['\r', '\n'], " ")
}
