//! Threads that work beside the execution lock: each has a name and one piece of work.

use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};

/// A thread that exists and waits for its work, so that nothing is begun which no thread could do.
pub struct Waiting<T> {
    work: SyncSender<T>,
}

impl<T: Send + 'static> Waiting<T> {
    /// Makes the thread; it ends when this is dropped.
    pub fn spawn(name: &str, run: impl FnOnce(T) + Send + 'static) -> io::Result<Waiting<T>> {
        let (work, receiver) = sync_channel::<T>(1);
        stdx::background::spawn(name, move || {
            if let Ok(work) = receiver.recv() {
                run(work);
            }
        })?;
        Ok(Waiting { work })
    }

    /// Hands the work over. The thread waits for it, so it takes it.
    pub fn give(self, work: T) {
        let _ = self.work.send(work);
    }
}
