//! Files as we and the peers write them: whole, cut at every byte, and with every byte damaged.

use super::{Arguments, Corruption, End, Options, Position, Record, Report, ScanError, scan, verify};
use crate::annotation::Annotator;
use crate::history::{Branch, ReplicationId};
use crate::multibulk::Limits;
use crate::offset::Offset;
use std::convert::Infallible;

pub(crate) fn command(words: &[&str]) -> Vec<u8> {
    let mut text = format!("*{}\r\n", words.len());
    words.iter().for_each(|word| text.push_str(&format!("${}\r\n{word}\r\n", word.len())));
    text.into_bytes()
}

fn id() -> ReplicationId {
    ReplicationId::from_random([0x5a; 20])
}

/// Commands run by whoever loads `file`, joined by blanks.
fn load(file: &[u8]) -> (Vec<String>, Report) {
    let mut commands = Vec::new();
    let report = scan(file, &Options::default(), |record| {
        if let Record::Command { arguments, .. } = record {
            commands.push(joined(&arguments));
        }
        Ok::<(), Infallible>(())
    });
    (commands, report.expect("a slice can be read"))
}

fn joined(arguments: &Arguments<'_>) -> String {
    let words: Vec<String> =
        arguments.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    words.join(" ")
}

/// A file with every kind of line, and the places where it may be cut without loss.
struct Sample {
    bytes: Vec<u8>,
    boundaries: Vec<usize>,
    annotator: Annotator,
}

impl Sample {
    fn new() -> Self {
        Self { bytes: Vec::new(), boundaries: vec![0], annotator: Annotator::new() }
    }

    fn command(&mut self, words: &[&str]) {
        self.transaction(&[words]);
    }

    fn transaction(&mut self, commands: &[&[&str]]) {
        let bytes: Vec<u8> = commands.iter().flat_map(|words| command(words)).collect();
        self.annotator.cover(&bytes);
        self.bytes.extend_from_slice(&bytes);
        self.boundaries.push(self.bytes.len());
    }

    fn line(&mut self, write: impl FnOnce(&mut Annotator, &mut Vec<u8>)) {
        write(&mut self.annotator, &mut self.bytes);
        self.boundaries.push(self.bytes.len());
    }
}

fn sample() -> Sample {
    let mut file = Sample::new();
    file.command(&["SELECT", "3"]);
    let branch = Branch { id: id(), parent: None, at: Offset(900), keys: 5 };
    file.line(|annotator, out| annotator.branch(out, &branch));
    file.line(|annotator, out| annotator.position(out, &id(), Offset(1000), false));
    file.command(&["SET", "a", "one\r\ntwo"]);
    file.line(|annotator, out| annotator.timestamp(out, 1_795_392_091));
    file.transaction(&[&["multi"], &["DEL", "a"], &["INCR", ""], &["EXEC"]]);
    file.line(Annotator::sum);
    file.command(&["PING"]);
    let end = Offset(1000 + stream_bytes(&file.bytes));
    file.line(|annotator, out| annotator.position(out, &id(), end, true));
    file
}

/// Bytes of commands after the first position line.
fn stream_bytes(file: &[u8]) -> u64 {
    let mut bytes = 0;
    let result = scan(file, &Options::default(), |record| {
        if let Record::Command { arguments, end: Some(_), .. } = record {
            bytes += arguments.as_bytes().len() as u64;
        }
        Ok::<(), Infallible>(())
    });
    result.expect("a slice can be read");
    bytes
}

#[test]
fn a_whole_file_gives_its_commands_and_position() {
    let file = sample().bytes;
    let (commands, report) = load(&file);
    assert_eq!(commands, ["SELECT 3", "SET a one\r\ntwo", "multi", "DEL a", "INCR ", "EXEC", "PING"]);
    assert_eq!((report.end, report.is_closed), (End::Clean, true));
    assert_eq!((report.good_bytes, report.verified_bytes), (file.len() as u64, file.len() as u64));
    assert_eq!(report.first, Some(Position { id: id(), offset: Offset(1000) }));
    let end = Position { id: id(), offset: Offset(1000 + stream_bytes(&file)) };
    assert_eq!((report.position, report.timestamp_s), (Some(end), Some(1_795_392_091)));
    assert_eq!(report.chain.branches().len(), 1);
    assert_eq!(report.history().expect("known").id, id());
}

#[test]
fn a_cut_at_every_byte_goes_back_to_the_last_whole_record() {
    let file = sample();
    for cut in 0..file.bytes.len() {
        let report = verify(&file.bytes[..cut], &Options::default()).expect("readable");
        let good = *file.boundaries.iter().rfind(|boundary| **boundary <= cut).expect("zero");
        assert_eq!(report.good_bytes, good as u64, "cut at {cut}");
        let end = if good == cut { End::Clean } else { End::Truncated };
        assert_eq!(report.end, end, "cut at {cut}");
        let mut resumed = file.bytes[..good].to_vec();
        report.annotator().sum(&mut resumed);
        let again = verify(resumed.as_slice(), &Options::default()).expect("readable");
        assert_eq!((again.end, again.verified_bytes), (End::Clean, resumed.len() as u64), "from {cut}");
        let mut zeros = file.bytes[..cut].to_vec();
        zeros.resize(cut + 5000, 0);
        let report = verify(zeros.as_slice(), &Options::default()).expect("readable");
        assert_eq!((report.end, report.good_bytes), (End::Truncated, good as u64), "zeros from {cut}");
    }
}

#[test]
fn every_damaged_byte_is_found_with_its_place() {
    let file = sample();
    for at in 0..file.bytes.len() {
        for mask in [1, 2, 4, 16, 32, 128, 0xff] {
            let mut bytes = file.bytes.clone();
            bytes[at] ^= mask;
            let (commands, report) = load(&bytes);
            let verified = usize::try_from(report.verified_bytes).expect("small");
            assert!(verified <= at, "byte {at} was confirmed");
            assert!(report.good_bytes <= at as u64, "byte {at} mask {mask}: {report:?}");
            let is_last_line = at >= file.boundaries[file.boundaries.len() - 2];
            match report.end {
                End::Corrupt { at: place, is_followed, .. } => {
                    assert!(place >= at as u64 || is_last_line || is_followed, "byte {at}: {report:?}");
                }
                End::Truncated => assert!(is_last_line, "byte {at} mask {mask}: {report:?}"),
                End::Clean | End::RdbPreamble => panic!("byte {at} mask {mask} not found: {commands:?}"),
            }
        }
    }
}

#[test]
fn files_without_annotations_are_walked_by_their_framing() {
    let mut bytes = b"#TS:1795392091\r\n".to_vec();
    bytes.extend(command(&["SELECT", "0"]));
    let good = bytes.len() as u64;
    bytes.extend(b"*3\r\n$3\r\nSET\r\n$x\r\n");
    let (commands, report) = load(&bytes);
    assert_eq!((commands.len(), report.position, report.good_bytes), (1, None, good));
    let at = good + 14;
    assert!(matches!(report.end, End::Corrupt { at: place, is_followed: false, .. } if place == at));
}

#[test]
fn an_rdb_preamble_is_left_to_the_caller() {
    for magic in [&b"REDIS0011..."[..], b"VALKEY080..."] {
        assert_eq!(load(magic).1.end, End::RdbPreamble);
    }
    let rest = command(&["SET", "a", "1"]);
    let options = Options { file_offset: 500, ..Options::default() };
    let report = verify(rest.as_slice(), &options).expect("readable");
    assert_eq!((report.end, report.good_bytes), (End::Clean, 500 + rest.len() as u64));
}

#[test]
fn what_another_program_wrote_after_the_closing_line_has_no_position() {
    let mut file = sample();
    file.bytes.extend(command(&["SET", "from", "elsewhere"]));
    let report = load(&file.bytes).1;
    assert_eq!((report.position, report.has_foreign_end, report.is_closed), (None, true, false));
    assert_eq!(report.end, End::Clean);
    let mut annotator = report.annotator();
    annotator.position(&mut file.bytes, &id(), Offset(7), false);
    let report = load(&file.bytes).1;
    assert_eq!(report.position, Some(Position { id: id(), offset: Offset(7) }));
    assert_eq!((report.end, report.has_foreign_end), (End::Clean, false));
}

#[test]
fn an_offset_that_does_not_fit_is_corruption() {
    let mut file = Sample::new();
    file.line(|annotator, out| annotator.position(out, &id(), Offset(10), false));
    let good = file.bytes.len() as u64;
    file.command(&["PING"]);
    file.line(|annotator, out| annotator.position(out, &id(), Offset(25), false));
    let report = load(&file.bytes).1;
    let reason = Corruption::Offset { counted: Offset(24), stated: Offset(25) };
    assert!(matches!(report.end, End::Corrupt { reason: found, .. } if found == reason));
    assert_eq!(report.good_bytes, good);
}

#[test]
fn large_commands_grow_the_window_and_limits_hold() {
    let large = "x".repeat(3 << 20);
    let mut bytes = command(&["SET", "a", &large]);
    bytes.extend(command(&["SET", "b", "1"]));
    let (commands, report) = load(&bytes);
    assert_eq!((commands.len(), commands[0].len(), report.end), (2, large.len() + 6, End::Clean));
    let limits = Limits { argument_bytes: 1 << 20, ..Limits::default() };
    let report = verify(bytes.as_slice(), &Options { limits, file_offset: 0 }).expect("readable");
    assert!(matches!(report.end, End::Corrupt { at: 21, .. }), "{:?}", report.end);
}

#[test]
fn the_callback_can_stop_the_scan() {
    let result = scan(sample().bytes.as_slice(), &Options::default(), |_| Err("enough"));
    assert!(matches!(result, Err(ScanError::Sink("enough"))));
}
