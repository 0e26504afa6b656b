//! Writes a data set as commands: the base of the append-only log with `aof-use-rdb-preamble no`.

use crate::snapshot::EntryEncoder;
use datatypes::collection::ValueRef;
use keyspace::DatabaseCount;
use rdb::encoder::Attributes;
use resp::request::append_multibulk;

mod commands;

/// Gathers commands that make the entries again, as every Redis understands them.
#[derive(Debug, Default)]
pub struct CommandEncoder {
    /// The commands not yet written.
    pub buffer: Vec<u8>,
}

impl CommandEncoder {
    /// A file that begins with the time in seconds since 1970, if the commands are to bear times.
    pub fn new(timestamp_s: Option<i64>) -> CommandEncoder {
        let line = timestamp_s.map(|seconds| format!("#TS:{seconds}\r\n"));
        CommandEncoder { buffer: line.unwrap_or_default().into_bytes() }
    }
}

impl EntryEncoder for CommandEncoder {
    fn select(&mut self, count: DatabaseCount) {
        let number = count.database.to_string();
        append_multibulk(&mut self.buffer, [b"SELECT".as_slice(), number.as_bytes()]);
    }

    fn entry(&mut self, key: &[u8], value: ValueRef<'_>, attributes: Attributes) {
        commands::append(&mut self.buffer, key, value);
        if let Some(at_ms) = attributes.expire_at_ms {
            let at_ms = at_ms.to_string();
            append_multibulk(&mut self.buffer, [b"PEXPIREAT".as_slice(), key, at_ms.as_bytes()]);
        }
    }
}
