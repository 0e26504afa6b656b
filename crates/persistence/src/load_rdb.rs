//! Loads an RDB into a keyspace, in batches.

use keyspace::{KeyUse, Keyspace, LoadItem};
use rdb::decoder::{Decoder, DecoderOptions, Entry, Item, Value};
use rdb::error::RdbError;
use std::fmt;
use std::io::Read;

/// How many entries are put into the keyspace together.
const BATCH_ENTRIES: usize = 256;
/// How many bytes of keys and values are gathered at most before they are put in.
const BATCH_BYTES: usize = 1 << 20;

/// Keys that a database is sized for ahead, at most: the number is only claimed.
const RESERVED_KEYS_MAX: u64 = 8 << 20;

/// What was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Keys put into the keyspace.
    pub keys: u64,
    /// Keys left out because their time had come.
    pub expired: u64,
    /// Those keys with their databases, when the file tells its place in a history: replicas must hear of them.
    pub expired_keys: Vec<(u32, Vec<u8>)>,
    /// The file's facts by name (`redis-ver`, `repl-id` ...).
    pub facts: Vec<(String, String)>,
}

impl Loaded {
    /// A fact of the file.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn leave_out(&mut self, database: u32, key: &[u8]) {
        self.expired += 1;
        if self.fact("repl-id").is_some() {
            self.expired_keys.push((database, key.to_vec()));
        }
    }
}

/// Why loading ended.
#[derive(Debug)]
pub enum LoadError {
    /// The bytes are not a whole and sound RDB.
    Rdb(RdbError),
    /// An entry belongs to a database that is not configured.
    NoSuchDatabase(u32),
    /// The caller called it off.
    Cancelled,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Rdb(error) => write!(f, "{error}"),
            LoadError::NoSuchDatabase(number) => {
                write!(
                    f,
                    "database {number} is there, but `databases` is smaller: set it to more than {number}"
                )
            }
            LoadError::Cancelled => f.write_str("loading was called off"),
        }
    }
}

impl std::error::Error for LoadError {}

impl From<RdbError> for LoadError {
    fn from(error: RdbError) -> Self {
        LoadError::Rdb(error)
    }
}

/// How to load.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions {
    /// The time by which keys have expired, in milliseconds since 1970.
    pub now_ms: i64,
    /// Expired keys are loaded too: on a replica only the primary removes them.
    pub keep_expired: bool,
    /// Compare checksums.
    pub verify_checksum: bool,
    /// The longest key or value, in bytes.
    pub max_bulk_bytes: u64,
}

/// Loads everything that `reader` holds into `keyspace` and gives back what was read behind its end.
///
/// `progress` gets the bytes read and the keys loaded from time to time; when it returns false, loading ends.
pub fn load_rdb<R: Read>(
    keyspace: &mut Keyspace,
    reader: R,
    options: LoadOptions,
    mut progress: impl FnMut(u64, u64) -> bool,
) -> Result<(Loaded, Vec<u8>), LoadError> {
    let decoding = DecoderOptions {
        verify_checksum: options.verify_checksum,
        string_len_max: options.max_bulk_bytes,
        limits: keyspace.limits(),
        ..DecoderOptions::default()
    };
    let mut decoder = Decoder::new(reader, decoding)?;
    let mut loaded = Loaded::default();
    let mut batch = Batch::default();
    loop {
        match decoder.next_item()? {
            Item::Aux { name, value } => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                loaded.facts.push((text(name), text(value)));
            }
            Item::SelectDb(number) => {
                batch.flush(keyspace, options.now_ms, &mut loaded);
                if number >= keyspace.database_count() {
                    return Err(LoadError::NoSuchDatabase(number));
                }
                batch.database = number;
            }
            Item::ResizeDb { keys, .. } => keyspace.reserve(batch.database, keys.min(RESERVED_KEYS_MAX)),
            Item::Entry(entry) => {
                let is_expired = entry.expire_at_ms.is_some_and(|at_ms| at_ms <= options.now_ms);
                if is_expired && !options.keep_expired {
                    loaded.leave_out(batch.database, entry.key);
                    continue;
                }
                let (key, expire_at_ms, used) = (entry.key, entry.expire_at_ms, use_of(&entry));
                match entry.value {
                    Value::String(value) => batch.add(LoadItem { key, value, expire_at_ms, used }),
                    Value::Other(value) => {
                        batch.flush(keyspace, options.now_ms, &mut loaded);
                        let item = LoadItem { key, value, expire_at_ms, used };
                        loaded.keys += u64::from(keyspace.load_value(batch.database, item, options.now_ms));
                    }
                    Value::Skipped { .. } => {}
                }
            }
            Item::Function(_) => {}
            Item::Eof { .. } => break,
        }
        if batch.is_full() {
            batch.flush(keyspace, options.now_ms, &mut loaded);
            if !progress(decoder.offset(), loaded.keys) {
                return Err(LoadError::Cancelled);
            }
        }
    }
    batch.flush(keyspace, options.now_ms, &mut loaded);
    Ok((loaded, decoder.into_rest().0))
}

fn use_of(entry: &Entry<'_>) -> Option<KeyUse> {
    entry.frequency.map(KeyUse::Frequency).or(entry.idle_seconds.map(KeyUse::Idle))
}

/// Entries gathered for the keyspace.
#[derive(Default)]
struct Batch {
    database: u32,
    bytes: Vec<u8>,
    entries: Vec<Gathered>,
}

/// An entry whose key and string end there in the batch's bytes.
struct Gathered {
    key_end: usize,
    value_end: usize,
    expire_at_ms: Option<i64>,
    used: Option<KeyUse>,
}

impl Batch {
    fn add(&mut self, item: LoadItem<'_>) {
        let LoadItem { key, value, expire_at_ms, used } = item;
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.entries.push(Gathered { key_end, value_end: self.bytes.len(), expire_at_ms, used });
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= BATCH_ENTRIES || self.bytes.len() >= BATCH_BYTES
    }

    fn flush(&mut self, keyspace: &mut Keyspace, now_ms: i64, loaded: &mut Loaded) {
        let mut items = Vec::with_capacity(self.entries.len());
        let mut start = 0;
        for &Gathered { key_end, value_end, expire_at_ms, used } in &self.entries {
            let (key, value) = (&self.bytes[start..key_end], &self.bytes[key_end..value_end]);
            items.push(LoadItem { key, value, expire_at_ms, used });
            start = value_end;
        }
        loaded.keys += keyspace.load_batch(self.database, &items, now_ms) as u64;
        self.bytes.clear();
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyspace::{ExpiryMode, View};
    use rdb::encoder::{Encoder, EncoderOptions};

    const OPTIONS: LoadOptions =
        LoadOptions { now_ms: 1000, keep_expired: false, verify_checksum: true, max_bulk_bytes: 1 << 20 };

    fn file() -> Vec<u8> {
        let mut encoder = Encoder::new(EncoderOptions::default());
        encoder.header(&[(b"redis-ver", b"7.0.15")]);
        encoder.select_db(3, 1000, 1);
        for number in 0..1000 {
            encoder.string_entry(format!("key:{number}").as_bytes(), b"value", None);
        }
        encoder.string_entry(b"past", b"x", Some(999));
        encoder.footer();
        encoder.take()
    }

    #[test]
    fn a_file_and_what_follows_it() {
        let mut keyspace = Keyspace::new(16, [1, 2]);
        let bytes = [file(), b"behind".to_vec()].concat();
        let (loaded, rest) = load_rdb(&mut keyspace, bytes.as_slice(), OPTIONS, |_, _| true).expect("loads");
        assert_eq!((loaded.keys, loaded.expired, loaded.fact("redis-ver")), (1000, 1, Some("7.0.15")));
        assert_eq!(rest, b"behind");
        let view = View { database: 3, now_ms: 1000, expiry: ExpiryMode::Delete, touch: false };
        assert_eq!(keyspace.keys(view).string(b"key:999").expect("loads"), Some(b"value".as_slice()));
    }

    #[test]
    fn a_replica_keeps_expired_keys() {
        let mut keyspace = Keyspace::new(16, [1, 2]);
        let options = LoadOptions { keep_expired: true, ..OPTIONS };
        let (loaded, _) = load_rdb(&mut keyspace, file().as_slice(), options, |_, _| true).expect("loads");
        assert_eq!((loaded.keys, loaded.expired), (1001, 0));
    }

    #[test]
    fn errors_are_told() {
        let mut small = Keyspace::new(2, [1, 2]);
        let error = load_rdb(&mut small, file().as_slice(), OPTIONS, |_, _| true).expect_err("refused");
        assert!(matches!(error, LoadError::NoSuchDatabase(3)));
        let mut keyspace = Keyspace::new(16, [1, 2]);
        let cut = &file()[..500];
        assert!(matches!(load_rdb(&mut keyspace, cut, OPTIONS, |_, _| true), Err(LoadError::Rdb(_))));
        let bytes = file();
        assert!(matches!(
            load_rdb(&mut keyspace, bytes.as_slice(), OPTIONS, |_, _| false),
            Err(LoadError::Cancelled)
        ));
    }
}
