//! Walks a whole file and says what is in it and where it is damaged.

use crate::decoder::{Decoder, DecoderOptions, Item, Stage, Value};
use crate::error::RdbError;
use crate::format::type_code;
use std::collections::BTreeMap;
use std::io::Read;

/// What a file holds, up to its end or to where it is damaged.
#[derive(Debug, Default)]
pub struct Report {
    /// The version in the header; none if the header is damaged.
    pub version: Option<u32>,
    /// The file has Valkey's magic.
    pub is_valkey: bool,
    /// What was passed beside entries, in the file's order, each with the number of bytes before its end.
    pub landmarks: Vec<(u64, Landmark)>,
    /// How many function libraries it has.
    pub functions: u64,
    /// Its databases by number.
    pub databases: BTreeMap<u32, DatabaseReport>,
    /// The file has a checksum, and it is right. Only known at the end.
    pub has_checksum: bool,
    /// How many bytes were walked over.
    pub offset: u64,
    /// Where and why the walk stopped, if not at the end.
    pub damage: Option<Damage>,
}

/// A part of a file that is no entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landmark {
    /// A named fact about the file.
    Fact {
        /// Its name.
        name: Vec<u8>,
        /// What it says.
        value: Vec<u8>,
    },
    /// The entries that follow belong to this database.
    Database(u32),
}

/// What a database holds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DatabaseReport {
    /// How many entries there are of each type code.
    pub entries_by_type: BTreeMap<u8, u64>,
    /// How many entries have an expiry.
    pub expires: u64,
    /// How many of those have expired.
    pub expired: u64,
}

impl DatabaseReport {
    fn count(&mut self, code: u8, expire_at_ms: Option<i64>, now_ms: i64) {
        *self.entries_by_type.entry(code).or_default() += 1;
        self.expires += u64::from(expire_at_ms.is_some());
        self.expired += u64::from(expire_at_ms.is_some_and(|at_ms| at_ms <= now_ms));
    }

    /// How many entries there are.
    pub fn entries(&self) -> u64 {
        self.entries_by_type.values().sum()
    }
}

/// Where a file is damaged.
#[derive(Debug)]
pub struct Damage {
    /// What is wrong, and at which byte.
    pub error: RdbError,
    /// What was being read there.
    pub stage: Stage,
    /// The database of the entries there.
    pub database: u32,
    /// The key that was read last: of the entry before the damage, or in which it is.
    pub last_key: Vec<u8>,
}

/// The most landmarks that are kept.
const LANDMARKS_MAX: usize = 1000;

/// Walks the file, over values of every known type. `now_ms` is the time since 1970 that decides what has expired.
pub fn check(reader: impl Read, options: DecoderOptions, now_ms: i64) -> Report {
    let mut report = Report::default();
    let mut decoder = match Decoder::new(reader, DecoderOptions { skip_values: true, ..options }) {
        Ok(decoder) => decoder,
        Err(error) => {
            report.offset = error.offset;
            report.damage = Some(Damage { error, stage: Stage::Header, database: 0, last_key: Vec::new() });
            return report;
        }
    };
    report.version = Some(decoder.version());
    report.is_valkey = decoder.is_valkey();
    let mut database = 0;
    if let Err(error) = walk(&mut decoder, now_ms, &mut report, &mut database) {
        let last_key = decoder.last_key().to_vec();
        report.damage = Some(Damage { error, stage: decoder.stage(), database, last_key });
    }
    report.offset = decoder.offset();
    report
}

fn walk(
    decoder: &mut Decoder<impl Read>,
    now_ms: i64,
    report: &mut Report,
    database: &mut u32,
) -> Result<(), RdbError> {
    loop {
        let landmark = match decoder.next_item()? {
            Item::Aux { name, value } => Landmark::Fact { name: name.to_vec(), value: value.to_vec() },
            Item::SelectDb(number) => {
                *database = number;
                Landmark::Database(number)
            }
            Item::ResizeDb { .. } => continue,
            Item::Function(_) => {
                report.functions += 1;
                continue;
            }
            Item::Entry(entry) => {
                let code = match entry.value {
                    Value::String(_) => type_code::STRING,
                    Value::Skipped { code } => code,
                    Value::Other(_) => unreachable!("values are walked over"),
                };
                report.databases.entry(*database).or_default().count(code, entry.expire_at_ms, now_ms);
                continue;
            }
            Item::Eof { has_checksum } => {
                report.has_checksum = has_checksum;
                return Ok(());
            }
        };
        if report.landmarks.len() < LANDMARKS_MAX {
            report.landmarks.push((decoder.offset(), landmark));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::{Encoder, EncoderOptions};
    use crate::error::Reason;

    fn file() -> Vec<u8> {
        let mut encoder = Encoder::new(EncoderOptions::default());
        encoder.header(&[(b"redis-ver", b"7.0.15")]);
        encoder.select_db(0, 3, 2);
        encoder.string_entry(b"first", b"1", None);
        encoder.string_entry(b"second", b"2", Some(1_000));
        encoder.string_entry(b"third", b"3", Some(3_000));
        encoder.select_db(7, 1, 0);
        encoder.string_entry(b"fourth", b"4", None);
        encoder.footer();
        encoder.take()
    }

    #[test]
    fn counts_what_is_there() {
        let file = file();
        let report = check(&file[..], DecoderOptions::default(), 2_000);
        assert!(report.damage.is_none() && report.has_checksum && !report.is_valkey);
        assert_eq!((report.version, report.offset), (Some(10), file.len() as u64));
        let fact = Landmark::Fact { name: b"redis-ver".to_vec(), value: b"7.0.15".to_vec() };
        let landmarks = [(27, fact), (29, Landmark::Database(0)), (80, Landmark::Database(7))];
        assert_eq!(report.landmarks, landmarks);
        let first = &report.databases[&0];
        assert_eq!((first.entries(), first.expires, first.expired), (3, 2, 1));
        assert_eq!(report.databases[&7].entries_by_type, BTreeMap::from([(0, 1)]));
    }

    #[test]
    fn says_where_the_damage_is() {
        let mut file = file();
        let at = file.windows(5).position(|window| window == b"third").expect("the key is there") - 2;
        assert_eq!(file[at], type_code::STRING);
        file[at] = 200;
        let report = check(&file[..], DecoderOptions::default(), 0);
        let damage = report.damage.expect("damaged");
        assert!(matches!(damage.error.reason, Reason::UnknownOpcode(200)));
        assert_eq!((damage.error.offset, damage.last_key.as_slice()), (at as u64, &b"second"[..]));
        assert_eq!((damage.stage, damage.database), (Stage::Opcode, 0));
        assert_eq!(report.databases[&0].entries(), 2);
    }

    #[test]
    fn every_cut_is_noticed_in_what_is_cut() {
        let file = file();
        for length in 0..file.len() {
            let damage = check(&file[..length], DecoderOptions::default(), 0).damage.expect("cut");
            assert!(matches!(damage.error.reason, Reason::Truncated), "{length}: {}", damage.error);
            assert!(damage.error.offset <= length as u64);
        }
        let reading = |cut: usize| {
            let damage = check(&file[..cut], DecoderOptions::default(), 0).damage.expect("cut");
            (damage.stage, damage.database)
        };
        assert_eq!(reading(file.len() - 3), (Stage::Checksum, 7));
        let at = file.windows(5).position(|window| window == b"third").expect("the key is there");
        assert_eq!(reading(at + 2), (Stage::Key(0), 0));
        assert_eq!(reading(at + 6), (Stage::Value(0), 0));
        assert_eq!(reading(at - 3), (Stage::Attribute, 0));
        assert_eq!(reading(20), (Stage::Aux, 0));
    }

    #[test]
    fn a_file_of_another_kind_is_named_so() {
        let report = check(&b"GIF89a   "[..], DecoderOptions::default(), 0);
        assert_eq!(report.version, None);
        assert!(matches!(report.damage.expect("damaged").error.reason, Reason::WrongMagic));
    }
}
