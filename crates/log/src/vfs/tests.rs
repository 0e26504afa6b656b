//! What each file system promises, and what the simulated one may lose.
#![expect(clippy::disallowed_methods, reason = "tests look at real files")]

use super::{FailingVfs, Fault, FaultKind, MemoryVfs, Operation, RealVfs, Vfs, replace_file};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn content(vfs: &dyn Vfs, path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    vfs.open_read(path).expect("there").read_to_end(&mut bytes).expect("readable");
    bytes
}

fn exercise(vfs: &dyn Vfs, directory: &Path) {
    let (one, two) = (directory.join("one"), directory.join("two"));
    vfs.create_dir(directory).expect("directory");
    assert!(vfs.open_append(&one).is_err() && vfs.open_read(&one).is_err() && vfs.remove(&one).is_err());
    let mut file = vfs.create(&one).expect("create");
    file.write_all(b"hello world").expect("write");
    file.truncate(5).expect("truncate");
    file.write_all(b"!").expect("write at the end");
    assert_eq!(file.length_bytes().expect("length"), 6);
    file.sync_data().expect("sync");
    vfs.open_append(&one).expect("append").write_all(b"?").expect("write");
    assert_eq!(content(vfs, &one), b"hello!?");
    vfs.rename(&one, &two).expect("rename");
    vfs.sync_dir(directory).expect("sync directory");
    assert_eq!(vfs.list(directory).expect("list"), ["two"]);
    assert!(!vfs.exists(&one).expect("exists") && vfs.exists(&two).expect("exists"));
    replace_file(vfs, &one, &two, b"new").expect("replace");
    assert_eq!(content(vfs, &two), b"new");
    vfs.create(&two).expect("create empties");
    assert_eq!(content(vfs, &two), b"");
    vfs.remove(&two).expect("remove");
    assert!(vfs.list(directory).expect("list").is_empty());
}

#[test]
fn the_real_and_the_simulated_file_system_do_the_same() {
    let directory = std::env::temp_dir().join(format!("ochre-vfs-{}", std::process::id()));
    exercise(&RealVfs, &directory);
    std::fs::remove_dir(&directory).expect("empty");
    exercise(&MemoryVfs::new(), Path::new("/log"));
    exercise(&FailingVfs::new(Arc::new(MemoryVfs::new())), Path::new("/log"));
}

#[test]
fn a_crash_keeps_what_was_forced_and_may_lose_the_rest() {
    let vfs = MemoryVfs::new();
    let path = PathBuf::from("/log/file");
    vfs.create_dir(Path::new("/log")).expect("directory");
    let mut file = vfs.create(&path).expect("create");
    file.write_all(b"forced").expect("write");
    file.sync_data().expect("sync");
    vfs.sync_dir(Path::new("/log")).expect("sync");
    file.write_all(b"hoped for").expect("write");
    vfs.rename(&path, Path::new("/log/other")).expect("rename");
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let after = vfs.crash(seed);
        let name = after.list(Path::new("/log")).expect("list").remove(0);
        let bytes = content(&after, &Path::new("/log").join(&name));
        assert!(bytes.starts_with(b"forced"));
        seen.insert((name, bytes.len()));
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn bytes_of_a_failed_sync_may_be_lost_although_the_next_succeeds() {
    let memory = MemoryVfs::new();
    let vfs = FailingVfs::new(Arc::new(memory.clone()));
    let path = PathBuf::from("/log/file");
    vfs.create_dir(Path::new("/log")).expect("directory");
    let mut file = vfs.create(&path).expect("create");
    vfs.sync_dir(Path::new("/log")).expect("sync");
    vfs.set_fault(Some(Fault {
        operation: Some(Operation::Sync),
        nth: 1,
        calls: 1,
        kind: FaultKind::Errno(5),
    }));
    file.write_all(b"lost").expect("write");
    assert_eq!(file.sync_data().expect_err("planned").raw_os_error(), Some(5));
    file.write_all(b"kept").expect("write");
    file.sync_data().expect("sync");
    assert!(vfs.has_failed());
    assert_eq!(content(&memory, &path), b"lostkept");
    assert_eq!(content(&memory.crash(1), &path), b"\0\0\0\0kept");
}

#[test]
fn a_short_write_takes_half_and_the_next_fails() {
    let vfs = FailingVfs::new(Arc::new(MemoryVfs::new()));
    vfs.create_dir(Path::new("/log")).expect("directory");
    let mut file = vfs.create(Path::new("/log/file")).expect("create");
    vfs.set_fault(Some(Fault { operation: None, nth: 2, calls: 1, kind: FaultKind::Short(28) }));
    file.write_all(b"whole").expect("write");
    assert_eq!(file.write(b"123456").expect("short"), 3);
    assert_eq!(file.write(b"456").expect_err("planned").raw_os_error(), Some(28));
    assert_eq!(file.write(b"456").expect("healed"), 3);
    assert_eq!(content(&vfs, Path::new("/log/file")), b"whole123456");
}
