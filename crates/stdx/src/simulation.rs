//! Time, randomness and background work of a simulation, handed in for one thread: with the feature `simulation` only, which
//! no program turns on.
//!
//! While a world is set, the thread's clocks, its random numbers and its background work are the world's. Other threads
//! have the real ones.

use crate::random::Random;
use std::cell::RefCell;

/// Work that would have run on a thread of its own.
pub type Work = Box<dyn FnOnce() + Send>;

struct World {
    monotonic_us: u64,
    wall_us: i64,
    random: Random,
    work: Vec<(String, Work)>,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// The thread's world from now on: its random numbers follow from the seed alone.
pub fn begin(seed: u64) {
    let world = World { monotonic_us: 0, wall_us: 0, random: Random::from_seed(seed), work: Vec::new() };
    WORLD.set(Some(world));
}

/// The thread has the real clocks again. Work that nobody has taken is dropped.
pub fn end() {
    drop(WORLD.take());
}

/// The clocks stand here until they are set again.
pub fn set_time(monotonic_us: u64, wall_us: i64) {
    with(|world| (world.monotonic_us, world.wall_us) = (monotonic_us, wall_us));
}

/// The work that was left since the last call, with the names that its threads would have had.
pub fn take_work() -> Vec<(String, Work)> {
    with(|world| std::mem::take(&mut world.work)).unwrap_or_default()
}

fn with<T>(use_it: impl FnOnce(&mut World) -> T) -> Option<T> {
    WORLD.with_borrow_mut(|world| world.as_mut().map(use_it))
}

pub(crate) fn monotonic_us() -> Option<u64> {
    with(|world| world.monotonic_us)
}

pub(crate) fn wall_us() -> Option<i64> {
    with(|world| world.wall_us)
}

/// Whether the bytes were filled.
pub(crate) fn fill(bytes: &mut [u8]) -> bool {
    with(|world| world.random.fill(bytes)).is_some()
}

pub(crate) fn fork() -> Option<Random> {
    with(|world| world.random.fork())
}

/// Takes the work over; gives it back where there is no world.
pub(crate) fn leave(name: &str, work: Work) -> Option<Work> {
    let mut work = Some(work);
    with(|world| world.work.extend(work.take().map(|work| (name.to_string(), work))));
    work
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_is_one_thread_s() {
        begin(7);
        set_time(5_000, 9_000);
        let ids = [crate::random::hex_id(), crate::random::hex_id()];
        assert_eq!((crate::clock::monotonic_us(), crate::clock::wall_ms()), (5_000, 9));
        assert!(std::thread::spawn(crate::clock::wall_ms).join().expect("no panic") > 9);
        crate::background::spawn("later", || ()).expect("left");
        assert_eq!(take_work().len(), 1);
        begin(7);
        assert_eq!([crate::random::hex_id(), crate::random::hex_id()], ids);
        end();
        assert!(crate::clock::wall_ms() > 9);
    }
}
