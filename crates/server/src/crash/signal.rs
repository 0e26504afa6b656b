//! Fatal signals: an address that is not ours, an instruction that is none, an abort.
#![expect(unsafe_code, reason = "signal handlers are the C library's business")]

use super::{SETTINGS, Turn, alternate_stack, is_enabled, raw, report, take_turn};
use crate::system::pid_file;
use signal_hook::consts::{SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGSEGV};
use std::ffi::{c_int, c_void};
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

const FATAL: [c_int; 5] = [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT];

/// A report that takes longer is stuck on a lock that the fault left behind.
const MOST_SECONDS: u32 = 10;

/// The signal that is being reported.
static REPORTED: AtomicI32 = AtomicI32::new(SIGABRT);

type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// Has fatal signals reported.
pub fn install() -> io::Result<()> {
    FATAL.iter().try_for_each(|&signal| handle(signal, on_fault))
}

fn handle(signal: c_int, handler: Handler) -> io::Result<()> {
    // SAFETY: `sigaction` is made of integers and function pointers that may be null: zero is a value.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    // A fault within the report must come here too, not kill in silence.
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
    // SAFETY: the pointer is of a live value, and the handler has the form that SA_SIGINFO asks for.
    match unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

extern "C" fn on_fault(signal: c_int, facts: *mut libc::siginfo_t, context: *mut c_void) {
    match take_turn(raw::thread()) {
        Turn::Ours => {}
        Turn::OursAgain => {
            raw::print_line(format_args!(
                "Crashed running signal handler. The report ends here, with signal: {signal}"
            ));
            raw::die(signal);
        }
        Turn::Theirs => raw::wait_for_the_end(),
    }
    REPORTED.store(signal, Relaxed);
    if is_enabled() {
        // SAFETY: the kernel passes facts and a context that live as long as the handler runs.
        let instruction = unsafe { print_facts(signal, &*facts, context) };
        print_the_rest(instruction);
    }
    pid_file::remove_quietly();
    raw::die(signal);
}

/// The lines that need nothing but system calls. Returns the address of the instruction at fault.
///
/// # Safety
/// `context` is null or what the kernel passed to the handler.
unsafe fn print_facts(signal: c_int, facts: &libc::siginfo_t, context: *mut c_void) -> Option<usize> {
    let version = SETTINGS.get().map_or("?", |settings| settings.version);
    let code = facts.si_code;
    report::begin();
    raw::print_line(format_args!("Ochre {version} crashed by signal: {signal}, si_code: {code}"));
    // SAFETY: the caller's promise.
    let instruction = unsafe { instruction(context) };
    if code <= 0 {
        // SAFETY: a code of 0 or less means that a process sent the signal: then these fields are set.
        let (pid, user) = unsafe { (facts.si_pid(), facts.si_uid()) };
        raw::print_line(format_args!("Killed by PID: {pid}, UID: {user}"));
    } else {
        // SAFETY: for a fault that the kernel found, this field is set.
        let address = unsafe { facts.si_addr() };
        raw::print_line(format_args!("Accessing address: {address:p}"));
        if let Some(instruction) = instruction {
            raw::print_line(format_args!("Crashed running the instruction at: 0x{instruction:x}"));
        }
    }
    instruction
}

#[cfg(target_arch = "x86_64")]
unsafe fn instruction(context: *mut c_void) -> Option<usize> {
    // SAFETY: the caller's promise: null or a context of this type.
    let context = unsafe { context.cast::<libc::ucontext_t>().as_ref() }?;
    let register = context.uc_mcontext.gregs.get(usize::try_from(libc::REG_RIP).ok()?)?;
    usize::try_from(*register).ok()
}

#[cfg(target_arch = "aarch64")]
unsafe fn instruction(context: *mut c_void) -> Option<usize> {
    // SAFETY: the caller's promise: null or a context of this type.
    let context = unsafe { context.cast::<libc::ucontext_t>().as_ref() }?;
    usize::try_from(context.uc_mcontext.pc).ok()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn instruction(_: *mut c_void) -> Option<usize> {
    None
}

/// What needs allocations, locks and room, under a watchdog.
fn print_the_rest(instruction: Option<usize>) {
    if !alternate_stack::is_roomy() {
        raw::print_line(format_args!("This thread has no room for more."));
        return report::end();
    }
    start_watchdog();
    report::stack_trace(instruction);
    report::sections();
    report::end();
}

/// Ends the process in a while, whatever it hangs on.
pub fn start_watchdog() {
    if handle(SIGALRM, on_timeout).is_ok() {
        // SAFETY: takes an integer.
        unsafe { libc::alarm(MOST_SECONDS) };
    }
}

extern "C" fn on_timeout(_: c_int, _: *mut libc::siginfo_t, _: *mut c_void) {
    raw::print_line(format_args!("The report takes too long and ends here."));
    pid_file::remove_quietly();
    raw::die(REPORTED.load(Relaxed));
}
