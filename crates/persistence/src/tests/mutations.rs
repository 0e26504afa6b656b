//! Files with random damage: loading ends with the data, or with an error that names the file; never otherwise.

use super::bench::{Bench, LOG_DIR, log_names, read_file, write_file};
use log::vfs::MemoryVfs;

/// Files tried of each kind.
const ROUNDS: u64 = 400;

/// A small generator, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }

    fn byte(&mut self) -> u8 {
        const LIKELY: &[u8] = b"\0\r\n*$#-:019\x80\x81\xc0\xc3\xfa\xfb\xfc\xfd\xfe\xff";
        if self.below(2) == 0 { LIKELY[self.below(LIKELY.len())] } else { self.below(256) as u8 }
    }
}

/// Changes, inserts, removes and repeats bytes.
fn mutate(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut mutated = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(mutated.len());
        let end = (at + dice.below(40)).min(mutated.len());
        match dice.below(5) {
            0 if at < mutated.len() => mutated[at] = dice.byte(),
            1 => mutated.insert(at, dice.byte()),
            2 => drop(mutated.drain(at..end)),
            3 => mutated.truncate(at.max(1)),
            _ => {
                let piece = mutated[at..end].to_vec();
                mutated.splice(at..at, piece);
            }
        }
    }
    mutated
}

fn filled() -> Bench {
    let mut bench = Bench::with_log(MemoryVfs::new(), |_| ());
    for number in 0..30 {
        bench.run(&format!("SET key:{number} value:{}", "xy".repeat(number)));
    }
    bench.run("PEXPIREAT key:3 4000000000000");
    bench.run("SELECT 2");
    bench.run("SET other 123456");
    bench
}

#[test]
fn an_rdb_file() {
    let bench = filled();
    bench.with(crate::Persistence::save_now).expect("saves");
    let whole = read_file(&bench.disk, "/data/dump.rdb");
    let mut dice = Dice(1);
    let mut refused = 0;
    for _ in 0..ROUNDS {
        let disk = MemoryVfs::new();
        write_file(&disk, "/data/dump.rdb", &mutate(&whole, &mut dice));
        let again = Bench::new(disk, |config| config.snapshotting.rdbchecksum = dice.below(2) == 0);
        if let Err(reason) = again.persistence.load() {
            assert!(reason.contains("/data/dump.rdb"), "{reason}");
            assert!(again.data().is_empty());
            refused += 1;
        }
    }
    assert!(refused > ROUNDS / 2 && refused < ROUNDS, "{refused}");
}

#[test]
fn the_append_only_files() {
    let disk = filled().close();
    let names = log_names(&disk);
    let mut dice = Dice(2);
    let mut refused = 0;
    for _ in 0..ROUNDS {
        let copy = disk.fork();
        let path = format!("{LOG_DIR}/{}", names[dice.below(names.len())]);
        write_file(&copy, &path, &mutate(&read_file(&copy, &path), &mut dice));
        let again = Bench::new(copy, |config| config.append_only.appendonly = true);
        match again.persistence.load() {
            Ok(()) => again.persistence.open_log().expect("what was loaded can be gone on with"),
            Err(reason) => {
                assert!(reason.contains(LOG_DIR), "{reason}");
                refused += 1;
            }
        }
    }
    assert!(refused > ROUNDS / 3 && refused < ROUNDS, "{refused}");
}
