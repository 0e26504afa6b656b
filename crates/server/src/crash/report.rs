//! The frame of a report and the parts that every fault has.

use super::{SETTINGS, Section, raw};
use std::backtrace::Backtrace;
use std::fmt::Write;

/// Opens the report.
pub fn begin() {
    raw::print(format_args!("\n\n=== OCHRE BUG REPORT START: Cut & paste starting from here ===\n"));
}

/// The stack of the calling thread, with the address of the instruction at fault where there is one.
pub fn stack_trace(instruction: Option<usize>) {
    raw::print(format_args!("\n------ STACK TRACE ------\n"));
    if let Some(instruction) = instruction {
        raw::print(format_args!("EIP:\n0x{instruction:x}\n"));
    }
    raw::print(format_args!("\nBacktrace:\n"));
    raw::write(Backtrace::force_capture().to_string().as_bytes());
}

/// What the server tells of itself.
pub fn sections() {
    let Some(settings) = SETTINGS.get() else { return };
    for section in (settings.describe)() {
        raw::write(show(&section).as_bytes());
    }
}

/// Closes the report.
pub fn end() {
    raw::print(format_args!(
        "\n=== OCHRE BUG REPORT END. Make sure to include from START to END. ===\n\n       \
         Please report the crash with this text and what the server was doing.\n"
    ));
}

/// A section as text. Line ends are kept, other control characters shown.
fn show(section: &Section) -> String {
    let mut text = format!("\n------ {} ------\n", section.title);
    for character in section.text.chars() {
        match character {
            '\r' => {}
            _ if character == '\n' || !character.is_control() => text.push(character),
            // Writing to a string cannot fail.
            _ => drop(write!(text, "\\x{:02x}", u32::from(character))),
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keep_their_lines_and_nothing_else_of_a_terminal() {
        let section = Section { title: "INFO OUTPUT", text: "# Server\r\na:\x1b[2J".to_owned() };
        assert_eq!(show(&section), "\n------ INFO OUTPUT ------\n# Server\na:\\x1b[2J\n");
    }
}
