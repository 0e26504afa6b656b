//! What is kept, for how long, and what a start finds of it.

use super::{HeldFile, HeldFiles, Mark, Marks, Retention, list};
use crate::history::ReplicationId;
use crate::offset::Offset;
use crate::scan::Position;
use crate::vfs::{MemoryVfs, Vfs};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

const DIRECTORY: &str = "/d";
const STEM: &str = "a b.aof";

fn at(offset: u64) -> Position {
    Position { id: ReplicationId::from_random([7; 20]), offset: Offset(offset) }
}

fn kept(start: u64, end: u64, since_s: u64) -> HeldFile {
    let mut marks = Marks::default();
    marks.add(Mark { offset: Offset(start), place: 60 });
    HeldFile {
        name: list::kept_name(STEM, Offset(start)),
        start: at(start),
        end: Some(at(end)),
        bytes: end - start,
        marks,
        kept_since_s: Some(since_s),
        serial: 0,
    }
}

fn held(files: Vec<HeldFile>) -> Arc<HeldFiles> {
    let held = HeldFiles::new(Arc::new(MemoryVfs::new()), DIRECTORY.into());
    let end = files.last().and_then(|file| file.end).map_or(Offset::ZERO, |end| end.offset);
    held.restore(files, end);
    held.begin("a b.aof.9.incr.aof", at(end.0), 0);
    held
}

fn starts(files: &[HeldFile]) -> Vec<u64> {
    files.iter().map(|file| file.start.offset.0).collect()
}

#[test]
fn the_oldest_files_go_first_by_bytes_and_by_age_unless_somebody_reads_them() {
    let files = || vec![kept(0, 100, 1000), kept(100, 150, 2000), kept(150, 250, 3000)];
    let left = |limits, now_s| {
        let held = held(files());
        held.take_surplus(limits, now_s);
        held.range().map(|range| range.start().0)
    };
    assert_eq!(left(Retention { bytes: 250, seconds: 0 }, 9000), Some(0));
    assert_eq!(left(Retention { bytes: 249, seconds: 0 }, 9000), Some(100));
    assert_eq!(left(Retention { bytes: 250, seconds: 1000 }, 3000), Some(100));
    assert_eq!(left(Retention { bytes: 250, seconds: 1000 }, 9000), Some(250));
    assert_eq!(left(Retention::NONE, 0), Some(250));

    let held = held(files());
    let hold = held.hold(Offset(120));
    assert!(held.has_surplus(Retention::NONE, 0));
    assert_eq!(starts(&held.take_surplus(Retention::NONE, 0)), [0]);
    assert!(!held.has_surplus(Retention::NONE, 0));
    hold.advance(Offset(150));
    assert_eq!(starts(&held.take_surplus(Retention::NONE, 0)), [100]);
    assert_eq!((held.facts().kept_files, held.facts().kept_bytes), (1, 100));
    drop(hold);
    assert!(held.has_surplus(Retention::NONE, 0));
    assert_eq!(held.take_oldest_kept().map(|file| file.start), Some(at(150)));
    assert_eq!(held.take_oldest_kept(), None, "a file in use stays");
}

fn stored(files: &[HeldFile]) -> MemoryVfs {
    let vfs = MemoryVfs::new();
    vfs.create_dir(Path::new(DIRECTORY)).expect("created");
    for file in files {
        let path = Path::new(DIRECTORY).join(&file.name);
        let content = vec![b'x'; usize::try_from(file.bytes).expect("small")];
        vfs.create(&path).expect("created").write_all(&content).expect("written");
    }
    list::store(&vfs, Path::new(DIRECTORY), STEM, files).expect("stored");
    vfs
}

fn found(vfs: &MemoryVfs, next: Option<Position>) -> (Vec<HeldFile>, Vec<String>) {
    let files = list::load(vfs, Path::new(DIRECTORY), STEM, next);
    (files, vfs.list(Path::new(DIRECTORY)).expect("listed"))
}

#[test]
fn a_start_finds_what_is_on_the_list_and_goes_on_with_the_manifest() {
    let files = vec![kept(0, 100, 1), kept(100, 150, 2), kept(150, 250, 3)];
    assert_eq!(found(&stored(&files), Some(at(250))).0, files);
    let nothing = (Vec::new(), Vec::new());
    assert_eq!(found(&stored(&files), Some(at(251))), nothing);
    let strange = Position { id: ReplicationId::from_random([8; 20]), ..at(250) };
    assert_eq!(found(&stored(&files), Some(strange)), nothing);
    assert_eq!(found(&stored(&files), None), nothing);

    let vfs = stored(&files);
    vfs.remove(&Path::new(DIRECTORY).join(&files[1].name)).expect("removed");
    vfs.create(&Path::new(DIRECTORY).join("a b.aof.77.kept.aof")).expect("created");
    vfs.create(&Path::new(DIRECTORY).join("a b.aof.mine.kept.aof")).expect("created");
    let (found, names) = found(&vfs, Some(at(250)));
    assert_eq!(found, files[2..]);
    assert_eq!(names, ["a b.aof.150.kept.aof", "a b.aof.kept", "a b.aof.mine.kept.aof"]);
    list::store(&vfs, Path::new(DIRECTORY), STEM, &[]).expect("stored");
    assert!(!vfs.exists(&Path::new(DIRECTORY).join("a b.aof.kept")).expect("asked"));
}

#[test]
fn a_damaged_list_vouches_for_nothing() {
    let files = vec![kept(0, 100, 1), kept(100, 150, 2)];
    let vfs = stored(&files);
    let path = Path::new(DIRECTORY).join("a b.aof.kept");
    let text = vfs.content(&path).expect("there");
    for at_byte in 0..text.len() {
        let mut damaged = text.clone();
        damaged[at_byte] ^= 0x10;
        let vfs = stored(&files);
        vfs.create(&path).expect("created").write_all(&damaged).expect("written");
        let (found, _) = found(&vfs, Some(at(150)));
        let positions = |file: &HeldFile| (file.start, file.end, file.bytes);
        assert!(found.iter().all(|file| files.iter().any(|whole| positions(whole) == positions(file))));
    }
}
