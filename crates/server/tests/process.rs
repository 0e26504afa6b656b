//! What only a process of its own can show: memory figures, the background, titles, signals, crashes.
//!
//! The program starts itself again in a role and looks at what the child does.
#![expect(clippy::disallowed_methods, reason = "tests look at real files")]

use server::system::{background, pid_file};
use server::{allocator, crash, logging, process_title, signals, supervision};
use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use stdx::logging::notice;

const ROLE: &str = "OCHRE_TEST_ROLE";
const FOLDER: &str = "OCHRE_TEST_FOLDER";

fn main() {
    let title = process_title::Area::claim();
    if let Ok(role) = env::var(ROLE) {
        return play(&role, title);
    }
    memory_figures_follow_an_allocation();
    background_process_has_a_pid_file_and_a_log_that_is_reopened();
    second_interrupt_ends_the_process();
    title_is_shown();
    crashes_are_reported();
    switched_off_report_leaves_one_line();
    upstart_stops_the_process_once();
}

/// Nothing else may allocate meanwhile.
fn memory_figures_follow_an_allocation() {
    let before = allocator::figures();
    let block = std::hint::black_box(vec![1_u8; 64 << 20]);
    let after = allocator::figures();
    assert!(after.allocated >= before.allocated + (60 << 20), "{before:?} {after:?}");
    assert!(after.active >= after.allocated && after.resident > 0, "{after:?}");
    drop(block);
    allocator::purge();
    assert!(allocator::figures().allocated < after.allocated);
    assert!(!allocator::name().is_empty() && !allocator::report().is_empty());
}

/// The child's side: the log in the test's folder, then what the role asks for.
fn play(role: &str, title: Option<process_title::Area>) {
    let folder = PathBuf::from(env::var_os(FOLDER).expect("set by the parent"));
    logging::install();
    let settings = logging::Settings { file: folder.join("log"), syslog: None };
    if role == "background" {
        background::enter().expect("no threads yet");
        pid_file::create(&folder.join("pid"));
    }
    logging::configure(&settings).expect("opened");
    match role {
        "background" | "stubborn" => serve(role == "stubborn"),
        "title" => {
            title.expect("the kernel shows it").show(&"title ".repeat(20));
            let keeps_environment = env::var_os(ROLE).is_some_and(|role| role == "title");
            notice!("environment kept: {keeps_environment}, arguments read: {}", env::args().count() > 0);
            serve(false);
        }
        "upstart" => drop(supervision::begin(supervision::Mode::Auto)),
        _ => fail(role),
    }
    notice!("the end");
}

/// Runs until it is told to stop; a stubborn one does not listen.
fn serve(is_stubborn: bool) {
    let (sender, receiver) = mpsc::channel();
    signals::watch(|| false, move |request| sender.send(request).expect("the main thread waits"))
        .expect("watching");
    allocator::set_background_thread(true);
    notice!("ready");
    for request in receiver {
        match request {
            signals::Request::ReopenLog => {
                logging::reopen();
                notice!("reopened");
            }
            signals::Request::Shutdown(_) if !is_stubborn => break,
            _ => {}
        }
    }
    pid_file::remove();
}

fn fail(role: &str) {
    let section = || crash::Section { title: "INFO OUTPUT", text: "# Server\r\nrole:test\r\n".to_owned() };
    let describe = move |role: &str| {
        assert_ne!(role, "worse", "panic within the report");
        vec![section()]
    };
    let owned = role.to_owned();
    crash::install("1.2.3", Box::new(move || describe(&owned))).expect("installed");
    crash::set_enabled(role != "quiet");
    match role {
        "panic" | "worse" | "quiet" => {
            let thread = std::thread::spawn(|| panic!("DEBUG PANIC called"));
            thread.join().expect("never returns");
        }
        "overflow" => drop(std::hint::black_box(overflow(1))),
        _ => {
            signal_hook::low_level::raise(signal_hook::consts::SIGSEGV).expect("raised");
        }
    }
}

/// Uses up the stack.
#[expect(unconditional_recursion, reason = "it is to overflow")]
fn overflow(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 128]);
    overflow(depth + 1) + frame.iter().sum::<u64>()
}

struct Play {
    folder: PathBuf,
    child: Child,
}

impl Play {
    fn start(role: &str) -> Play {
        let folder = env::temp_dir().join(format!("ochre-process-{}-{role}", std::process::id()));
        fs::create_dir_all(&folder).expect("created");
        let child = Command::new(env::current_exe().expect("known"))
            .env(ROLE, role)
            .env(FOLDER, &folder)
            .env("UPSTART_JOB", "ochre")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        Play { folder, child }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    fn wait_for(&self, name: &str, text: &str) {
        while !self.text(name).contains(text) {
            std::thread::yield_now();
        }
    }

    fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("waited for");
        let text = self.text("log");
        fs::remove_dir_all(&self.folder).expect("removed");
        (status, text)
    }
}

#[expect(unsafe_code, reason = "no safe call sends a signal to another process")]
fn signal(pid: &str, signal: i32) {
    let pid = pid.parse().expect("a number");
    // SAFETY: takes integers only.
    let result = unsafe { libc::kill(pid, signal) };
    assert_eq!(result, 0, "{pid} is gone");
}

fn background_process_has_a_pid_file_and_a_log_that_is_reopened() {
    let mut play = Play::start("background");
    let status = play.child.wait().expect("waited for");
    assert!(status.success(), "the parent ends at once: {status}");
    play.wait_for("log", "ready");
    let pid = play.text("pid").trim().to_owned();
    assert_ne!(pid, play.child.id().to_string());
    let input = fs::read_link(format!("/proc/{pid}/fd/0")).expect("running");
    assert_eq!(input, Path::new("/dev/null"));
    let session = fs::read_to_string(format!("/proc/{pid}/stat")).expect("running");
    let session = session.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(3));
    assert_eq!(session, Some(pid.as_str()), "leads its session");
    fs::rename(play.folder.join("log"), play.folder.join("log.1")).expect("renamed");
    signal(&pid, libc::SIGHUP);
    play.wait_for("log", "reopened");
    signal(&pid, libc::SIGTERM);
    play.wait_for("log", "the end");
    assert!(!play.folder.join("pid").exists());
    let log = play.text("log");
    assert!(log.contains(&format!("{pid}:signal-handler (")), "{log}");
    assert!(log.contains(") Received SIGTERM scheduling shutdown...\n"), "{log}");
    assert!(log.contains(" * Removing the pid file.\n"), "{log}");
    assert!(play.text("log.1").starts_with(&format!("{pid}:C ")));
    play.end();
}

fn second_interrupt_ends_the_process() {
    let play = Play::start("stubborn");
    let pid = play.child.id().to_string();
    play.wait_for("log", "ready");
    signal(&pid, libc::SIGINT);
    play.wait_for("log", "Received SIGINT scheduling shutdown...");
    signal(&pid, libc::SIGINT);
    let (status, log) = play.end();
    assert_eq!(status.code(), Some(1));
    assert!(log.contains("You insist... exiting now.\n"), "{log}");
}

fn title_is_shown() {
    let play = Play::start("title");
    play.wait_for("log", "ready");
    let pid = play.child.id().to_string();
    let shown = fs::read(format!("/proc/{pid}/cmdline")).expect("running");
    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.starts_with(&"title ".repeat(20)), "{shown}");
    assert!(shown.trim_end_matches('\0').ends_with("title "), "{shown}");
    signal(&pid, libc::SIGTERM);
    let (status, log) = play.end();
    assert!(status.success(), "{status}");
    assert!(log.contains("environment kept: true, arguments read: true"), "{log}");
}

fn crashes_are_reported() {
    for (role, signal, cause) in [
        ("fault", 11, "# "),
        ("overflow", 11, ") Crashed running the instruction at: 0x"),
        ("panic", 6, " # Guru Meditation: DEBUG PANIC called #crates/server/tests/process.rs:"),
        ("worse", 6, ") Crashed running signal handler. The report ends here, with signal: 6"),
    ] {
        let (status, log) = Play::start(role).end();
        assert_eq!(status.signal(), Some(signal), "{role}: {status}\n{log}");
        let has = |text: &str| assert!(log.contains(text), "{role} lacks {text:?}:\n{log}");
        has("\n\n=== OCHRE BUG REPORT START: Cut & paste starting from here ===\n");
        has(cause);
        has("\n------ STACK TRACE ------\n");
        has("process::");
        if signal == 11 {
            has(") Ochre 1.2.3 crashed by signal: 11, si_code: ");
        }
        if role != "worse" {
            has("\n------ INFO OUTPUT ------\n# Server\nrole:test\n");
            has("\n=== OCHRE BUG REPORT END. Make sure to include from START to END. ===\n");
        }
    }
}

fn switched_off_report_leaves_one_line() {
    let (status, log) = Play::start("quiet").end();
    assert_eq!(status.signal(), Some(6));
    assert!(log.contains(" # Guru Meditation: DEBUG PANIC called #"), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}

fn upstart_stops_the_process_once() {
    let play = Play::start("upstart");
    let pid = play.child.id().to_string();
    let is_stopped =
        || fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|line| line.contains(") T "));
    while !is_stopped() {
        std::thread::yield_now();
    }
    assert!(!play.text("log").contains("the end"));
    signal(&pid, libc::SIGCONT);
    let (status, log) = play.end();
    assert!(status.success(), "{status}");
    assert!(log.contains(" * supervised by upstart, will stop to signal readiness.\n"), "{log}");
}
