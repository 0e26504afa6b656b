//! Files as they are, cut, damaged and mended. The expected lines are those of redis-check-aof 7.0.15, save where ours
//! say more.

use super::run;
use crate::check::testing;
use log::annotation::Annotator;
use log::history::ReplicationId;
use log::offset::Offset;
use testkit::{Client, TestDirectory};

fn commands(lines: &[&str]) -> Vec<u8> {
    lines.iter().flat_map(|line| Client::encode(&line.split(' ').collect::<Vec<_>>())).collect()
}

fn start() -> Vec<u8> {
    commands(&["SELECT 0", "SET k v"])
}

fn more() -> Vec<u8> {
    commands(&["SET k2 v2"])
}

/// What is said of a single file of these bytes, the first line left out, and the file's length afterwards.
fn check(bytes: &[u8], options: &str, answer: &str) -> (bool, String, usize) {
    let directory = TestDirectory::new();
    directory.write("a.aof", bytes);
    let (is_sound, said) = testing::run(run, &directory, &format!("{options} @/a.aof"), answer);
    let said = said.strip_prefix("Start checking Old-Style AOF\n").expect("begins so").replace("@/", "");
    (is_sound, said, directory.read("a.aof").len())
}

#[test]
fn whole_files() {
    let said =
        "AOF analyzed: filename=a.aof, size=50, ok_up_to=50, ok_up_to_line=13, diff=0\nAOF a.aof is valid\n";
    assert_eq!(check(&start(), "", ""), (true, said.to_owned(), 50));
    assert_eq!(check(&start(), "--fix", ""), (true, said.to_owned(), 50));
    assert_eq!(check(b"", "--fix", ""), (true, "AOF a.aof is empty\n".to_owned(), 0));
}

#[test]
fn a_cut_end_is_mended_after_a_yes() {
    let cut = [start(), more()[..25].to_vec()].concat();
    let found = "\
0x              32: Reached EOF within the record that begins here
[additional info] In database 0, after SET k
AOF analyzed: filename=a.aof, size=75, ok_up_to=50, ok_up_to_line=13, diff=25
";
    let refusal = "AOF a.aof is not valid. Use the --fix option to try fixing it.\n";
    assert_eq!(check(&cut, "", ""), (false, format!("{found}{refusal}"), 75));
    let question =
        "This will shrink the AOF a.aof from 75 bytes, with 25 bytes, to 50 bytes\nContinue? [y/N]: ";
    assert_eq!(check(&cut, "--fix", "n\n"), (false, format!("{found}{question}Aborting...\n"), 75));
    assert_eq!(check(&cut, "--fix", ""), (false, format!("{found}{question}Aborting...\n"), 75));
    let done = format!("{found}{question}Successfully truncated AOF a.aof\n");
    assert_eq!(check(&cut, "--fix", "Yes\n"), (true, done, 50));
}

#[test]
fn faults_have_their_names_and_places() {
    let cases: [(&[&str], &str, u64, u64); 4] = [
        (&["MULTI", "SET k2 v2"], "5e: Reached EOF before reading EXEC for MULTI\n", 50, 13),
        (&["MULTI", "MULTI", "EXEC"], "41: Unexpected MULTI in AOF a.aof\n", 50, 13),
        (&["EXEC", "SET k2 v2"], "32: Unexpected EXEC in AOF a.aof\n", 50, 13),
        (&["MULTI", "EXEC", "EXEC"], "4f: Unexpected EXEC in AOF a.aof\n", 79, 19),
    ];
    for (lines, fault, good, line) in cases {
        let (is_sound, said, _) = check(&[start(), commands(lines)].concat(), "", "");
        assert!(!is_sound && said.contains(fault), "{said}");
        assert!(said.contains(&format!("ok_up_to={good}, ok_up_to_line={line},")), "{said}");
    }
    let (is_sound, said, length) = check(&[start(), b"hello\n".to_vec(), more()].concat(), "--fix", "y\n");
    assert!(is_sound && said.starts_with("AOF a.aof format error\n0x              32: Damaged: "), "{said}");
    assert_eq!(length, 50);
}

#[test]
fn times_cut_the_last_file() {
    let timed = [b"#TS:100\r\n".to_vec(), start(), b"#TS:200\r\n".to_vec(), more()].concat();
    let done = "Successfully truncated AOF a.aof to timestamp 150\n";
    assert_eq!(check(&timed, "--truncate-to-timestamp 150", ""), (true, done.to_owned(), 59));
    let nothing = "Truncate nothing in AOF a.aof to timestamp 200\nAOF a.aof is valid\n";
    assert_eq!(check(&timed, "--truncate-to-timestamp 200", ""), (true, nothing.to_owned(), 97));
    let (is_sound, said, length) = check(&timed, "--truncate-to-timestamp 50", "");
    assert!(!is_sound && said.ends_with("has nothing before timestamp 50, aborting...\n"), "{said}");
    assert_eq!(length, 97);
    let directory = TestDirectory::new();
    let (is_sound, said) = testing::run(run, &directory, "--truncate-to-timestamp soon @/a", "");
    assert_eq!((is_sound, said.as_str()), (false, "Invalid timestamp, aborting...\n"));
    let torn = [start(), commands(&["MULTI"]), b"#TS:200\r\n".to_vec(), commands(&["EXEC"])].concat();
    assert_eq!(check(&torn, "--truncate-to-timestamp 150", "").2, 50);
}

/// A manifest with a base and two increments of these bytes.
fn parts(base: &[u8], first: &[u8], second: &[u8]) -> TestDirectory {
    let directory = TestDirectory::new();
    directory.write("a.1.base.aof", base);
    directory.write("a.1.incr.aof", first);
    directory.write("a.2.incr.aof", second);
    let manifest =
        "file a.1.base.aof seq 1 type b\nfile a.1.incr.aof seq 1 type i\nfile a.2.incr.aof seq 2 type i\n";
    directory.write("a.manifest", manifest);
    directory
}

#[test]
fn several_files() {
    let directory = parts(&start(), b"", &more());
    let whole = "\
Start checking Multi Part AOF
Start to check BASE AOF (RESP format).
AOF analyzed: filename=a.1.base.aof, size=50, ok_up_to=50, ok_up_to_line=13, diff=0
BASE AOF a.1.base.aof is valid
Start to check INCR files.
INCR AOF a.1.incr.aof is empty
AOF analyzed: filename=a.2.incr.aof, size=29, ok_up_to=29, ok_up_to_line=8, diff=0
INCR AOF a.2.incr.aof is valid
All AOF files and manifest are valid
";
    assert_eq!(testing::run(run, &directory, "--fix @/a.manifest", ""), (true, whole.to_owned()));
    directory.write("a.2.incr.aof", &more()[..20]);
    let (is_sound, said) = testing::run(run, &directory, "--fix @/a.manifest", "y\n");
    let end = "Successfully truncated AOF a.2.incr.aof\nAll AOF files and manifest are valid\n";
    assert!(is_sound && said.ends_with(end), "{said}");
    assert!(directory.read("a.2.incr.aof").is_empty());
    directory.write("a.1.incr.aof", &more()[..20]);
    let (is_sound, said) = testing::run(run, &directory, "--fix @/a.manifest", "y\n");
    let end = "Failed to truncate AOF a.1.incr.aof because it is not the last file\n";
    assert!(!is_sound && said.ends_with(end), "{said}");
}

#[test]
fn missing_files_and_bad_manifests() {
    let directory = parts(&start(), b"", b"");
    directory.write("a.manifest", "file a.1.base.aof seq 1 type b\nfile a.9.incr.aof seq 9 type i\n");
    let (is_sound, said) = testing::run(run, &directory, "@/a.manifest", "");
    let end = "Cannot open file @/a.9.incr.aof: No such file or directory, aborting...\n";
    assert!(!is_sound && said.ends_with(end), "{said}");
    directory.write("a.manifest", "file a.1.base.aof seq 1 type b\nfile a.\n");
    let end = "*** FATAL AOF MANIFEST FILE ERROR ***\nReading the manifest file, at line 2\n>>> 'file a.'\n\
               Invalid AOF manifest file format\n";
    assert!(testing::run(run, &directory, "@/a.manifest", "").1.ends_with(end));
    directory.write("a.manifest", "");
    let (is_sound, said) = testing::run(run, &directory, "@/a.manifest", "");
    assert!(!is_sound && said.ends_with("Found an empty AOF manifest\n"), "{said}");
    assert!(testing::run(run, &directory, "@", "").1.starts_with("Cannot read file: @"));
    assert!(testing::run(run, &directory, "--fix --fix @", "").1.starts_with("Usage: ochre-check-aof "));
}

/// A file of ours: from one offset on, closed in order.
fn annotated(from: u64, lines: &[&str]) -> Vec<u8> {
    let id = ReplicationId::from_random([7; 20]);
    let (mut file, mut annotator) = (Vec::new(), Annotator::new());
    annotator.position(&mut file, &id, Offset(from), false);
    let body = commands(lines);
    annotator.cover(&body);
    file.extend_from_slice(&body);
    annotator.position(&mut file, &id, Offset(from + body.len() as u64), true);
    file
}

#[test]
fn our_files_tell_their_place_in_the_stream_and_gaps_between_them() {
    let first = annotated(100, &["SET k v"]);
    let second = annotated(127, &["SET k2 v2"]);
    let directory = parts(&start(), &first, &second);
    let (is_sound, said) = testing::run(run, &directory, "@/a.manifest", "");
    assert!(is_sound && said.contains("[info] 1 commands, up to offset 156 of history 0707"), "{said}");
    directory.write("a.2.incr.aof", annotated(500, &["SET k2 v2"]));
    let (is_sound, said) = testing::run(run, &directory, "--fix @/a.manifest", "y\n");
    assert!(
        !is_sound && said.contains("begins at offset 500, but the one before it ends at offset 127"),
        "{said}"
    );
    assert!(said.ends_with("AOF a.2.incr.aof is not valid: a file before it is missing.\n"), "{said}");
}

#[test]
fn every_cut_is_noticed_and_mended_and_so_is_every_changed_byte_of_ours() {
    let whole = annotated(100, &["SELECT 0", "SET k v", "MULTI", "SET k2 v2", "EXEC"]);
    for at in 1..whole.len() {
        let (is_sound, said, length) = check(&whole[..at], "--fix", "y\n");
        assert!(is_sound && length <= at, "cut at {at}: {said}");
        assert!(length == at || said.contains("Reached EOF"), "cut at {at}: {said}");
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        let (is_sound, said, _) = check(&damaged, "", "");
        assert!(
            !is_sound && said.ends_with("Use the --fix option to try fixing it.\n"),
            "changed at {at}: {said}"
        );
    }
}
