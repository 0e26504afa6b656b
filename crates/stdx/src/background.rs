//! Threads for work that nobody waits for: they run when those that serve clients have nothing to do.

use std::io;

/// How much such a thread steps back, as `nice` counts it: a thread of usual priority that wakes goes first at once, and
/// under full load a tenth of the core is left to this one, so that it never stands still.
const NICE: i32 = 10;

/// Starts a named thread of low priority, which ends by itself.
///
/// On Linux the priority is the thread's own. Where it cannot be lowered the thread runs as any other.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    #[cfg(feature = "simulation")]
    let Some(work) = crate::simulation::leave(name, Box::new(work)) else { return Ok(()) };
    crate::thread::spawn(name, move || {
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
        work();
    })
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_new_thread_steps_back() {
        let nice = || rustix::process::getpriority_process(Some(rustix::thread::gettid()));
        let own = nice().expect("every thread has a priority");
        let (sender, receiver) = std::sync::mpsc::channel();
        let work = move || sender.send(nice()).expect("somebody waits");
        spawn("background", work).expect("a thread");
        let other = receiver.recv().expect("the thread says it");
        assert_eq!(other, Ok(own.max(NICE)));
        assert_eq!(nice(), Ok(own));
    }
}
