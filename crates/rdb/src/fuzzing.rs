//! What must hold for any bytes: run by the tests for a while, and by `cargo xtask fuzz` for as long as one likes.

use crate::check::check;
use crate::decoder::{Decoder, DecoderOptions, Item};
use std::io::{self, Read};

/// Strings longer than this are refused, so that a claim cannot fill the memory of the machine that fuzzes.
const STRING_BYTES_MAX: u64 = 1 << 20;

/// A file is read alike whether it comes at once or byte by byte, and the check agrees with the decoder. The first byte
/// chooses the options.
pub fn file(bytes: &[u8]) {
    let Some((&first, file)) = bytes.split_first() else { return };
    let bounded = DecoderOptions { string_len_max: STRING_BYTES_MAX, ..DecoderOptions::default() };
    let options = DecoderOptions { verify_checksum: first & 1 != 0, skip_values: first & 2 != 0, ..bounded };
    let whole = read(file, options);
    assert_eq!(whole, read(OneByOne(file), options));
    let skipping = read(file, DecoderOptions { skip_values: true, ..options });
    let report = check(file, options, 0);
    assert!(report.offset <= file.len() as u64);
    let entries: u64 = report.databases.values().map(crate::check::DatabaseReport::entries).sum();
    assert_eq!(
        (entries, report.damage.map(|damage| damage.error.to_string())),
        (skipping.entries, skipping.error)
    );
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
struct Contents {
    entries: u64,
    /// Everything that was read, as text.
    items: Vec<String>,
    error: Option<String>,
}

fn read(reader: impl Read, options: DecoderOptions) -> Contents {
    let mut contents = Contents { entries: 0, items: Vec::new(), error: None };
    let mut decoder = match Decoder::new(reader, options) {
        Ok(decoder) => decoder,
        Err(error) => return Contents { error: Some(error.to_string()), ..contents },
    };
    loop {
        match decoder.next_item() {
            Ok(item) => {
                contents.entries += u64::from(matches!(item, Item::Entry(_)));
                contents.items.push(format!("{item:?}"));
                if matches!(item, Item::Eof { .. }) {
                    return contents;
                }
            }
            Err(error) => return Contents { error: Some(error.to_string()), ..contents },
        }
    }
}

/// Gives a byte at a time, as the slowest of sockets.
struct OneByOne<'a>(&'a [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = out.len().min(1);
        self.0.read(&mut out[..length])
    }
}

#[cfg(test)]
mod tests {
    use testkit::fuzz;

    #[test]
    fn file() {
        fuzz("rdb_file", 5_000, super::file);
    }
}
