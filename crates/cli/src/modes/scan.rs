//! `--scan`: lists the keys.

use resp::value::Value;

use crate::Failure;
use crate::args::Options;
use crate::format::Form;
use crate::modes::{connection, open};
use crate::quote::append_quoted;
use crate::run::print;

/// Keys for a program are written this many bytes at a time.
const HELD_BYTES: usize = 32 << 10;

/// Goes once through the keyspace, or the part of it that the options name.
pub fn run(options: &Options) -> Result<(), Failure> {
    let mut session = open(options)?;
    let (mut cursor, mut lines) = (options.scan_cursor.clone(), Vec::new());
    loop {
        let reply = connection(&mut session)?.ask(&request(options, &cursor))?;
        if let Value::Error(text) = &reply {
            return Err(Failure::Message(format!("SCAN error: {}", String::from_utf8_lossy(text))));
        }
        let [next, keys] = reply.as_elements().unwrap_or_default() else {
            return Err(Failure::Message("Non ARRAY response from SCAN!".into()));
        };
        append_keys(&mut lines, options, keys.as_elements().unwrap_or_default());
        cursor = next.as_bytes().unwrap_or(b"0").to_vec();
        let is_last = cursor == b"0";
        if is_last || lines.len() > HELD_BYTES || crate::is_watched() || !options.interval.is_zero() {
            print(&lines)?;
            lines.clear();
        }
        if is_last {
            return Ok(());
        }
        std::thread::sleep(options.interval);
    }
}

fn request(options: &Options, cursor: &[u8]) -> Vec<Vec<u8>> {
    let mut words = vec![b"SCAN".to_vec(), cursor.to_vec()];
    let count = options.scan_count.map(|count| count.to_string().into_bytes());
    for (name, value) in [("MATCH", &options.pattern), ("COUNT", &count), ("TYPE", &options.scan_type)] {
        if let Some(value) = value {
            words.extend([name.as_bytes().to_vec(), value.clone()]);
        }
    }
    words
}

fn append_keys(lines: &mut Vec<u8>, options: &Options, keys: &[Value]) {
    for key in keys.iter().filter_map(Value::as_bytes) {
        if options.formatter.form == Form::Tty {
            append_quoted(lines, key);
        } else {
            lines.extend_from_slice(key);
        }
        lines.push(b'\n');
    }
}
