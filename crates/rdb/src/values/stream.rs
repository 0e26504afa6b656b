//! Streams: blocks of entries, what is remembered of identifiers, and the consumer groups. Three
//! versions: the second brought the first identifier, that of deleted entries and the counters, the third when consumers
//! were active.

use std::io::Read;

use datatypes::stream::{Group, Id, Log, Marks, Pending, Stream};
use encodings::listpack::Listpack;

use crate::encoder::Encoder;
use crate::error::RdbError;
use crate::format::type_code::{STREAM, STREAM_2, STREAM_3};
use crate::source::Source;
use crate::values::Reading;

/// From these versions of the format on, the second and the third layout are written.
const VERSION_OF_STREAM_2: u32 = 10;
const VERSION_OF_STREAM_3: u32 = 11;

pub(super) fn code_of(_stream: &Stream, version: u32) -> u8 {
    match version {
        ..VERSION_OF_STREAM_2 => STREAM,
        VERSION_OF_STREAM_2..VERSION_OF_STREAM_3 => STREAM_2,
        _ => STREAM_3,
    }
}

pub(super) fn write(encoder: &mut Encoder, stream: &Stream) {
    let code = code_of(stream, encoder.version());
    let (log, marks) = (stream.log(), stream.log().marks());
    encoder.length(log.block_count() as u64);
    for (id, block) in log.blocks() {
        encoder.string(&key_of(id));
        encoder.string(&block);
    }
    encoder.length(log.len() as u64);
    write_id(encoder, marks.last_id);
    if code != STREAM {
        write_id(encoder, marks.first_id);
        write_id(encoder, marks.max_deleted_id);
        encoder.length(marks.entries_added);
    }
    encoder.length(stream.groups().len() as u64);
    for (name, group) in stream.groups() {
        encoder.string(name);
        write_group(encoder, group, code);
    }
}

fn write_group(encoder: &mut Encoder, group: &Group, code: u8) {
    write_id(encoder, group.last_id);
    if code != STREAM {
        // "Not known" is written as -1.
        encoder.length(group.entries_read.unwrap_or(u64::MAX));
    }
    encoder.length(group.pending().len() as u64);
    for (id, pending) in group.pending().iter() {
        encoder.raw(&key_of(id));
        encoder.raw(&pending.delivered_ms.to_le_bytes());
        encoder.length(pending.deliveries);
    }
    encoder.length(group.consumers().len() as u64);
    for (name, consumer) in group.consumers() {
        encoder.string(name);
        encoder.raw(&consumer.seen_ms.to_le_bytes());
        if code == STREAM_3 {
            encoder.raw(&consumer.active_ms.unwrap_or(-1).to_le_bytes());
        }
        encoder.length(consumer.pending().len() as u64);
        consumer.pending().iter().for_each(|(id, ())| encoder.raw(&key_of(id)));
    }
}

fn key_of(id: Id) -> [u8; 16] {
    (u128::from(id.ms) << 64 | u128::from(id.seq)).to_be_bytes()
}

fn id_of(key: [u8; 16]) -> Id {
    let both = u128::from_be_bytes(key);
    Id { ms: (both >> 64) as u64, seq: both as u64 }
}

fn write_id(encoder: &mut Encoder, id: Id) {
    encoder.length(id.ms);
    encoder.length(id.seq);
}

fn read_id<R: Read>(source: &mut Source<R>) -> Result<Id, RdbError> {
    Ok(Id { ms: source.length()?, seq: source.length()? })
}

pub(super) fn read<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<Stream, RdbError> {
    let mut log = Log::default();
    for _ in 0..source.length()? {
        read_block(source, reading, &mut log)?;
    }
    let len = source.length()?;
    if len != log.len() as u64 {
        return Err(reading.damaged("it has another number of entries than it says"));
    }
    log.set_marks(read_marks(source, reading, &log)?);
    let mut stream = Stream::of_log(log);
    for _ in 0..source.length()? {
        let mut name = Vec::new();
        source.string(&mut name)?;
        let group = read_group(source, reading)?;
        if !stream.create_group(&name, group) {
            return Err(reading.damaged("two groups have the same name"));
        }
    }
    Ok(stream)
}

fn read_block<R: Read>(source: &mut Source<R>, reading: Reading, log: &mut Log) -> Result<(), RdbError> {
    let mut bytes = Vec::new();
    source.string(&mut bytes)?;
    let key =
        bytes.as_slice().try_into().map_err(|_| reading.damaged("a block's identifier has not 16 bytes"))?;
    let id = id_of(key);
    source.string(&mut bytes)?;
    let listpack = Listpack::from_bytes(&bytes).map_err(|_| reading.damaged("not a listpack"))?;
    log.push_block(id, &listpack).map_err(|_| reading.damaged("not a block of entries, or not in order"))
}

fn read_marks<R: Read>(source: &mut Source<R>, reading: Reading, log: &Log) -> Result<Marks, RdbError> {
    let last_id = read_id(source)?;
    if log.last().is_some_and(|entry| entry.id > last_id) {
        return Err(reading.damaged("an entry is behind the last identifier"));
    }
    let first_id = log.first().map_or(Id::MIN, |entry| entry.id);
    if reading.code == STREAM {
        // What was added before is not known: as many entries as there are, at least.
        let entries_added = log.len() as u64;
        return Ok(Marks { last_id, first_id, max_deleted_id: Id::MIN, entries_added });
    }
    // The first identifier stands here too: the entries tell it better.
    read_id(source)?;
    let max_deleted_id = read_id(source)?;
    Ok(Marks { last_id, first_id, max_deleted_id, entries_added: source.length()? })
}

fn read_group<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<Group, RdbError> {
    let last_id = read_id(source)?;
    let entries_read = match reading.code {
        STREAM => None,
        _ => Some(source.length()?).filter(|read| *read != u64::MAX),
    };
    let mut group = Group::new(last_id, entries_read);
    let mut pending = Vec::new();
    for _ in 0..source.length()? {
        let id = id_of(source.array()?);
        let delivered_ms = i64::from_le_bytes(source.array()?);
        pending.push((id, delivered_ms, source.length()?));
    }
    let expected = pending.len();
    let pending: std::collections::BTreeMap<Id, (i64, u64)> =
        pending.into_iter().map(|(id, delivered_ms, deliveries)| (id, (delivered_ms, deliveries))).collect();
    for _ in 0..source.length()? {
        read_consumer(source, reading, &mut group, &pending)?;
    }
    if group.pending().len() == expected {
        Ok(group)
    } else {
        Err(reading.damaged("an entry is pending twice, or with no consumer"))
    }
}

fn read_consumer<R: Read>(
    source: &mut Source<R>,
    reading: Reading,
    group: &mut Group,
    pending: &std::collections::BTreeMap<Id, (i64, u64)>,
) -> Result<(), RdbError> {
    let mut name = Vec::new();
    source.string(&mut name)?;
    let seen_ms = i64::from_le_bytes(source.array()?);
    let active_ms = match reading.code {
        STREAM_3 => i64::from_le_bytes(source.array()?),
        _ => seen_ms,
    };
    if !group.create_consumer(&name, seen_ms) {
        return Err(reading.damaged("two consumers have the same name"));
    }
    for _ in 0..source.length()? {
        let id = id_of(source.array()?);
        let (delivered_ms, deliveries) = *pending
            .get(&id)
            .ok_or_else(|| reading.damaged("a consumer has an entry that is not pending"))?;
        if group.pending().get(id).is_some_and(|Pending { consumer, .. }| **consumer != *name) {
            return Err(reading.damaged("two consumers have the same entry pending"));
        }
        group.assign(id, &name, delivered_ms, deliveries);
    }
    if let Some(consumer) = group.consumer_mut(&name) {
        consumer.active_ms = Some(active_ms).filter(|ms| *ms != -1);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump;
    use crate::encoder::EncoderOptions;
    use datatypes::collection::{Value, ValueRef};
    use datatypes::limits::{Limits, StreamLimits};

    fn sample() -> Stream {
        let mut stream = Stream::default();
        let limits = StreamLimits { node_bytes: 4096, node_entries: 3 };
        for seq in 1..9 {
            let value = seq.to_string();
            stream.log_mut().append(
                Id { ms: 5, seq },
                [b"field".as_slice(), value.as_bytes()].into_iter(),
                limits,
            );
        }
        stream.log_mut().delete(Id { ms: 5, seq: 2 });
        stream.create_group(b"empty", Group::new(Id::MIN, None));
        stream.create_group(b"group", Group::new(Id { ms: 5, seq: 3 }, Some(3)));
        let (_, group) = stream.group_mut(b"group").expect("just made");
        group.create_consumer(b"one", 1_700_000_000_000);
        group.create_consumer(b"two", 1_700_000_000_001);
        group.assign(Id { ms: 5, seq: 1 }, b"one", 1_700_000_000_002, 1);
        group.assign(Id { ms: 5, seq: 3 }, b"one", 1_700_000_000_003, 2);
        group.consumer_mut(b"one").expect("just made").active_ms = Some(1_700_000_000_004);
        stream
    }

    #[test]
    fn streams_come_back() {
        let stream = sample();
        for version in [10, 11] {
            let options = EncoderOptions { version, ..EncoderOptions::default() };
            let payload = dump::write(ValueRef::Stream(&stream), options);
            let Ok(Value::Stream(read)) = dump::read(&payload, Limits::DEFAULT, true) else {
                panic!("version {version}")
            };
            assert_eq!(read.log(), stream.log());
            let group = |stream: &Stream| stream.group(b"group").map(|group| group.pending().iter().count());
            assert_eq!((group(&read), read.groups().len()), (Some(2), 2));
            assert!(version < VERSION_OF_STREAM_3 || read == stream, "{read:?}");
        }
    }

    /// Whatever bytes are there, they are refused or make a stream that can be walked.
    #[test]
    fn damaged_streams_are_refused() {
        let options = EncoderOptions { compress: false, ..EncoderOptions::default() };
        let payload = dump::write(ValueRef::Stream(&sample()), options);
        let mut random = stdx::random::Random::from_seed(3);
        let mut refused = 0;
        for _ in 0..20_000 {
            let mut bytes = payload[..payload.len() - 10].to_vec();
            let at = random.index(bytes.len());
            bytes[at] = random.below(256) as u8;
            let body = &bytes[1..];
            let reading = Reading {
                offset: 0,
                code: payload[0],
                dialect: crate::skip::Dialect::Redis,
                limits: Limits::DEFAULT,
            };
            match read(&mut Source::new(body, false, 1 << 20), reading) {
                Ok(stream) => drop(stream.log().range(Id::MIN, Id::MAX).count()),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 5_000, "{refused}");
    }
}
