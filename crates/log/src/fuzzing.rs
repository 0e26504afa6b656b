//! What must hold for any bytes: run by the tests for a while, and by `cargo xtask fuzz` for as long as one likes.

use crate::manifest::Manifest;
use crate::multibulk::Limits;
use crate::scan::{End, Options, Record, Report, scan};
use std::convert::Infallible;
use std::io::{self, Read};

/// What is good of an increment stays good when the rest is cut off, and is the same however it is read. The first byte
/// chooses the pieces.
pub fn increment(bytes: &[u8]) {
    let Some((&first, file)) = bytes.split_first() else { return };
    let pieces = Pieces { rest: file, length: 1 + usize::from(first) };
    let (commands, report) = scan_all(file);
    let (same_commands, same_report) = scan_all(pieces);
    assert_eq!(
        (&commands, report.end, report.good_bytes),
        (&same_commands, same_report.end, same_report.good_bytes)
    );
    let good = usize::try_from(report.good_bytes).expect("not beyond the file");
    assert!(report.verified_bytes <= file.len() as u64);
    let (kept, again) = scan_all(&file[..good]);
    assert_eq!(again.good_bytes, report.good_bytes);
    assert!(matches!(again.end, End::Clean), "{:?} after the cut", again.end);
    assert!(commands.starts_with(&kept));
    assert_eq!((again.position, again.is_closed), (report.position, report.is_closed));
}

fn scan_all(reader: impl Read) -> (Vec<Vec<u8>>, Report) {
    let limits = Limits { argument_bytes: 1 << 20, arguments: 1 << 16, command_bytes: 4 << 20 };
    let mut commands = Vec::new();
    let report = scan(reader, &Options { limits, file_offset: 0 }, |record| {
        if let Record::Command { arguments, .. } = record {
            assert!(!arguments.is_empty() && arguments.iter().len() == arguments.len());
            commands.push(arguments.as_bytes().to_vec());
        }
        Ok::<(), Infallible>(())
    });
    (commands, report.expect("memory can be read"))
}

/// Gives so many bytes at a time.
struct Pieces<'a> {
    rest: &'a [u8],
    length: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = out.len().min(self.length);
        self.rest.read(&mut out[..length])
    }
}

/// A manifest that is taken is printed so that it is read back the same.
pub fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = Manifest::parse(bytes) {
        let printed = manifest.print();
        match Manifest::parse(printed.as_bytes()) {
            Ok(again) => assert_eq!(again, manifest),
            Err(error) => assert!(manifest.is_empty(), "{error} in {printed:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use testkit::fuzz;

    #[test]
    fn increment() {
        fuzz("increment", 10_000, super::increment);
    }

    #[test]
    fn manifest() {
        fuzz("manifest", 30_000, super::manifest);
    }
}
