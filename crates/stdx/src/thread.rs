//! Named threads, each of which begins with what the process wants of all its threads.

use std::io;
use std::sync::OnceLock;
use std::thread::{Builder, JoinHandle};

static AT_START: OnceLock<fn()> = OnceLock::new();

/// Every thread that is started from now on runs this first. Once in a process.
pub fn at_start(prepare: fn()) {
    let _ = AT_START.set(prepare);
}

/// Starts a thread.
///
/// # Errors
/// When the operating system gives none.
pub fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_string()).spawn(move || {
        if let Some(prepare) = AT_START.get() {
            prepare();
        }
        work()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static IS_PREPARED: Cell<bool> = const { Cell::new(false) };
    }

    #[test]
    fn threads_begin_prepared_and_named() {
        at_start(|| IS_PREPARED.set(true));
        let seen = || (IS_PREPARED.get(), std::thread::current().name().map(str::to_string));
        let usual = spawn("usual", seen).expect("a thread").join().expect("no panic");
        let (sender, modest) = std::sync::mpsc::channel();
        crate::background::spawn("modest", move || sender.send(seen()).expect("somebody waits"))
            .expect("a thread");
        let modest = modest.recv().expect("the thread says it");
        assert_eq!(
            [usual, modest].map(|(is, name)| (is, name.unwrap())),
            [(true, "usual".to_string()), (true, "modest".to_string())]
        );
        assert!(!IS_PREPARED.get());
    }
}
