//! What must hold for any bytes: run by the tests for a while, and by `cargo xtask fuzz` for as long as one likes.

use crate::check::check;
use crate::decoder::{Decoder, DecoderOptions, Item};
use crate::dump;
use crate::encoder::EncoderOptions;
use datatypes::limits::Limits;
use std::io::{self, Read};
use stdx::crc;

mod soundness;

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

/// Limits that make large encodings of all but the smallest collections.
const TIGHT: Limits = {
    let mut limits = Limits::DEFAULT;
    limits.list.listpack_size = 2;
    limits.set.intset_entries = 2;
    limits.set.listpack_entries = 2;
    limits.sorted_set.listpack_entries = 2;
    limits.hash.listpack_entries = 2;
    limits
};

/// The bytes of a value, put into a payload with a right footer, are refused or make a value of which everything holds that
/// its type promises, and which comes back from every payload that is made of it. The first byte chooses limits and dialect.
pub fn payload(bytes: &[u8]) {
    let Some((&first, value)) = bytes.split_first() else { return };
    let limits = if first & 1 == 0 { Limits::DEFAULT } else { TIGHT };
    let version: u16 = if first & 0x80 == 0 { 12 } else { 80 };
    let mut payload = [value, &version.to_le_bytes()].concat();
    payload.extend(crc::crc64(0, &payload).to_le_bytes());
    let Ok(value) = dump::read(&payload, limits, true) else { return };
    soundness::check(value.view());
    let holds_all = |version: &u32| dump::version_for(value.view(), Some(*version)).is_some();
    for version in [11, 12, 80].into_iter().filter(holds_all) {
        let options = EncoderOptions { version, ..EncoderOptions::default() };
        let again = dump::read(&dump::write(value.view(), options), limits, true);
        let again = again.expect("what was written is read");
        soundness::check(again.view());
        assert_eq!(again, value, "in version {version}");
    }
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

    #[test]
    fn payload() {
        fuzz("payload", 10_000, super::payload);
    }

    /// Every length and every byte of each kept payload, of long ones the beginning, in several ways.
    #[test]
    fn payloads_with_one_damage() {
        for sound in testkit::kept_inputs("payload") {
            for at in 1..if sound.len() > 1000 { 100 } else { sound.len() } {
                super::payload(&sound[..at]);
                let byte = sound[at];
                let changed = [byte.wrapping_add(1), byte.wrapping_sub(1), byte ^ 0x40, byte ^ 0x80];
                for other in changed.into_iter().chain([0, 1, 0x7f, 0xff]) {
                    let mut damaged = sound.clone();
                    damaged[at] = other;
                    super::payload(&damaged);
                }
            }
        }
    }
}
