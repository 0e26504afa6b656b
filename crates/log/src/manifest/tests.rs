//! Manifests that the peers write or refuse, and the operations on them.

use super::{BaseFormat, Manifest, Reason, load, store};
use crate::offset::Offset;
use crate::vfs::{FailingVfs, Fault, FaultKind, MemoryVfs, Vfs};
use std::path::Path;
use std::sync::Arc;

const OF_REDIS_8: &str = "file appendonly.aof.2.base.rdb seq 2 type b\n\
    file appendonly.aof.1.base.rdb seq 1 type h\n\
    file appendonly.aof.2.incr.aof seq 2 type i startoffset 2 endoffset 8\n\
    file appendonly.aof.3.incr.aof seq 3 type i\n";

#[test]
fn what_the_peers_write_is_read_and_printed_alike() {
    let manifest = Manifest::parse(OF_REDIS_8.as_bytes()).expect("valid");
    assert_eq!(manifest.print(), OF_REDIS_8);
    assert_eq!((manifest.base_sequence, manifest.increment_sequence), (2, 3));
    assert_eq!(manifest.increments[0].start_offset, Some(Offset(2)));
    assert_eq!(manifest.increments[0].end_offset, Some(Offset(8)));
}

#[test]
fn comments_unknown_keys_quotes_and_upper_case_keys_are_understood() {
    let text = "# a comment\nFILE \"app \\x65nd\\\".aof\" Seq 7 colour blue TYPE i\n\
        file 'x y' seq 1 type history\n";
    let manifest = Manifest::parse(text.as_bytes()).expect("valid");
    assert_eq!(manifest.increments[0].name, "app end\".aof");
    assert_eq!(manifest.history[0].name, "x y");
    let printed = "file \"x y\" seq 1 type h\nfile \"app end\\\".aof\" seq 7 type i\n";
    assert_eq!(manifest.print(), printed);
    assert_eq!(Manifest::parse(printed.as_bytes()).expect("valid"), manifest);
}

#[test]
fn strange_names_survive_quoting() {
    for stem in ["ä", "a\tb", "a\nb\r", "\u{7}\u{8}", "tab le", "\"'", "it's", "\u{1}"] {
        let mut manifest = Manifest::new();
        let name = manifest.add_increment(stem, Some(Offset(9)));
        let again = Manifest::parse(manifest.print().as_bytes()).expect(stem);
        assert_eq!((again.increments[0].name.as_str(), &again), (name.as_str(), &manifest));
    }
}

#[test]
fn refuses_what_redis_refuses_with_its_words_and_line() {
    let long = format!("file a seq 1 type i {}\n", "x".repeat(1024));
    let cases: [(&str, usize, Reason); 15] = [
        ("", 0, Reason::Empty),
        ("file a seq 1 type b", 1, Reason::LineTooLong),
        (&long, 1, Reason::LineTooLong),
        ("# c\n\n", 2, Reason::Format),
        ("file a seq 1 type b x\n", 1, Reason::Format),
        ("file a seq 1 kind b\n", 1, Reason::Format),
        ("file a seq 0 type b\n", 1, Reason::Format),
        ("file a seq one type b\n", 1, Reason::Format),
        ("file \"a seq 1 type b\n", 1, Reason::Format),
        ("file \"a\"b seq 1 type b\n", 1, Reason::Format),
        ("file a/b seq 1 type b\n", 1, Reason::NameIsPath),
        ("file .. seq 1 type b\n", 1, Reason::Format),
        ("file a seq 1 type b\nfile b seq 2 type b\n", 2, Reason::DuplicateBase),
        ("file a seq 2 type i\nfile b seq 2 type i\n", 2, Reason::SequenceNotGrowing),
        ("file a seq 2 type q\n", 1, Reason::UnknownType),
    ];
    for (text, line, reason) in cases {
        let error = Manifest::parse(text.as_bytes()).expect_err(text);
        assert_eq!((error.line, error.reason), (line, reason), "{text}");
    }
    let error = Manifest::parse(b"file a seq 1 type b\nfile b seq 2 type b\n").expect_err("two bases");
    assert!(error.to_string().contains("at line 2: 'file b seq 2 type b': Found duplicate base"));
}

#[test]
fn a_name_that_would_not_be_read_again_is_not_written() {
    let disk = MemoryVfs::new();
    let directory = Path::new("/aof");
    disk.create_dir(directory).expect("created");
    let mut manifest = Manifest::new();
    manifest.add_increment(&"\u{e9}".repeat(130), None);
    let error = store(&disk, directory, "a", &manifest).expect_err("too long");
    assert_eq!(error.to_string(), "a file's name is too long for the AOF manifest");
    assert!(load(&disk, directory, "a").expect("nothing is there").is_none());
    assert_eq!(
        Manifest::parse(manifest.print().as_bytes()).expect_err("too long").reason,
        Reason::LineTooLong
    );
}

#[test]
fn damaged_manifests_never_panic() {
    for at in 0..OF_REDIS_8.len() {
        for byte in [0, b'"', b'\'', b'\\', b'\n', 0xff, b' ', b'9'] {
            let mut text = OF_REDIS_8.as_bytes().to_vec();
            text[at] = byte;
            if let Ok(manifest) = Manifest::parse(&text) {
                assert_eq!(Manifest::parse(manifest.print().as_bytes()).expect("own text"), manifest);
            }
            let _ = Manifest::parse(&text[..at]);
        }
    }
}

#[test]
fn a_rewrite_makes_history_of_what_it_replaces() {
    let mut manifest = Manifest::from_single_file("old.aof");
    assert_eq!(manifest.add_increment("a", None), "a.1.incr.aof");
    assert_eq!(manifest.add_increment("a", Some(Offset(5))), "a.2.incr.aof");
    assert_eq!(manifest.replace_base("a", BaseFormat::Rdb, 2), "a.2.base.rdb");
    assert_eq!(
        manifest.print(),
        "file a.2.base.rdb seq 2 type b\nfile old.aof seq 1 type h\nfile a.1.incr.aof seq 1 type h\n\
         file a.2.incr.aof seq 2 type i startoffset 5\n"
    );
    assert_eq!(manifest.take_history(), ["old.aof", "a.1.incr.aof"]);
    assert_eq!(manifest.replace_base("a", BaseFormat::Commands, 3), "a.3.base.aof");
    assert!(manifest.increments.is_empty() && !manifest.is_empty());
}

#[test]
fn storing_is_all_or_nothing_whichever_call_fails_or_is_the_last() {
    let directory = Path::new("/log");
    let old = Manifest::from_single_file("old");
    let new = Manifest::from_single_file("new");
    for nth in 1.. {
        let memory = MemoryVfs::new();
        let vfs = FailingVfs::new(Arc::new(memory.clone()));
        vfs.create_dir(directory).expect("directory");
        store(&vfs, directory, "a", &old).expect("no fault yet");
        let kind = if nth % 2 == 0 { FaultKind::Errno(5) } else { FaultKind::Short(28) };
        vfs.set_fault(Some(Fault { operation: None, nth: nth / 2 + 1, calls: u64::MAX, kind }));
        let result = store(&vfs, directory, "a", &new);
        for seed in 0..20 {
            let found = load(&memory.crash(seed), directory, "a").expect("readable").expect("there");
            assert!(found == new || (found == old && result.is_err()));
        }
        if !vfs.has_failed() {
            assert!(result.is_ok());
            break;
        }
    }
}
