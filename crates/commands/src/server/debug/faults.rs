//! DEBUG's ways to end the process: what the crash report and the supervisor make of them is to be tested.

use crate::prelude::*;
use engine::facts::requests::ProcessRequest;
use std::alloc::Layout;

/// DEBUG PANIC.
pub(super) fn panic(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    panic!("Panic called at Unix time {}", ctx.now_ms() / 1000);
}

/// DEBUG OOM: an allocation that cannot succeed.
pub(super) fn out_of_memory(_: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let layout = Layout::from_size_align(isize::MAX as usize / 2, 1).expect("a size that a layout can have");
    std::alloc::handle_alloc_error(layout)
}

/// DEBUG SEGFAULT.
pub(super) fn segfault(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    Err(ctx.ask(ProcessRequest::Segfault))
}

/// DEBUG RESTART: a clean end and a new start.
pub(super) fn restart(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let delay_ms = delay_ms(args)?;
    Err(ctx.ask(ProcessRequest::Restart { graceful: true, delay_ms }))
}

/// DEBUG CRASH-AND-RECOVER: a new start without a clean end.
pub(super) fn crash_and_recover(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let delay_ms = delay_ms(args)?;
    Err(ctx.ask(ProcessRequest::Restart { graceful: false, delay_ms }))
}

fn delay_ms(mut args: Args<'_>) -> Result<u64, Stop> {
    if args.is_empty() {
        return Ok(0);
    }
    Ok(u64::try_from(args.integer()?).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::super::tests::open_bench;
    use crate::testing::check_on;
    use engine::facts::requests::ProcessRequest;

    #[test]
    fn the_process_starts_again() {
        let mut bench = open_bench();
        check_on(
            &mut bench,
            "DEBUG RESTART 5 -> waits | DEBUG CRASH-AND-RECOVER -> waits | DEBUG RESTART x -> ERR value is not an integer or out of range",
        );
        let asked: Vec<_> = bench.node.engine.requests.iter().map(|asked| asked.request.clone()).collect();
        let restart = |graceful, delay_ms| ProcessRequest::Restart { graceful, delay_ms };
        assert_eq!(asked, [restart(true, 5), restart(false, 0)]);
    }

    #[test]
    #[should_panic(expected = "Panic called at Unix time")]
    fn panics() {
        open_bench().run("DEBUG PANIC");
    }
}
