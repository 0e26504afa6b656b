//! Cuts a file, after a question or at once.

use super::super::Console;
use super::file::Place;
use super::{Stop, fail};
use net::listener::os_text;
use std::fs::OpenOptions;
use std::io;

/// Cuts the damaged end off, if whoever sits there says yes.
pub(super) fn after_asking(
    place: &Place<'_>,
    from: u64,
    to: u64,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let name = place.name;
    if !place.is_last {
        return fail(console, &format!("Failed to truncate AOF {name} because it is not the last file"));
    }
    let lost = from - to;
    writeln!(
        console.out,
        "This will shrink the AOF {name} from {from} bytes, with {lost} bytes, to {to} bytes"
    )?;
    write!(console.out, "Continue? [y/N]: ")?;
    console.out.flush()?;
    let mut answer = String::new();
    console.input.read_line(&mut answer)?;
    if !answer.starts_with(['y', 'Y']) {
        return fail(console, "Aborting...");
    }
    match cut(place, to) {
        Ok(()) => Ok(writeln!(console.out, "Successfully truncated AOF {name}")?),
        Err(error) => fail(console, &format!("Failed to truncate AOF {name}: {}", os_text(&error))),
    }
}

/// Cuts off what was written after the second `seconds`.
pub(super) fn at_timestamp(
    place: &Place<'_>,
    seconds: u64,
    to: u64,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let (name, path) = (place.name, place.path.display());
    if to == 0 {
        return fail(console, &format!("AOF {path} has nothing before timestamp {seconds}, aborting..."));
    }
    if !place.is_last {
        let text = format!(
            "Failed to truncate AOF {path} to timestamp {seconds} to offset {to} because it is not the last file.\n\
             If you insist, please delete all files after this file according to the manifest file and delete the \
             corresponding records in manifest file manually. Then re-run ochre-check-aof."
        );
        return fail(console, &text);
    }
    match cut(place, to) {
        Ok(()) => Ok(writeln!(console.out, "Successfully truncated AOF {name} to timestamp {seconds}")?),
        Err(error) => {
            let reason = os_text(&error);
            fail(console, &format!("Failed to truncate AOF {name} to timestamp {seconds}: {reason}"))
        }
    }
}

fn cut(place: &Place<'_>, length: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(place.path)?;
    file.set_len(length)?;
    file.sync_all()
}
