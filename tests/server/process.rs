//! The process: how it stops, what it leaves behind, how it goes into the background.

use std::process::Command;

use testkit::{Client, Program, TestDirectory, check, free_port, signal, wait_for, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    stops_cleanly_at_sigterm,
    stops_cleanly_at_sigint,
    stops_by_command,
    writes_and_removes_its_pidfile,
    goes_into_the_background,
    reopens_its_log_at_sighup,
    shows_its_version,
    shows_help,
    ends_with_a_crash_report,
);

fn stops_cleanly_at_sigterm(workers: u32) {
    let mut server = under_test(workers).start();
    let mut client = server.client();
    check(&mut client, "SET k v -> OK");
    assert!(server.terminate().success());
    for text in ["SIGTERM", "User requested shutdown...", "ready to exit, bye bye..."] {
        server.wait_for_log(text);
    }
    assert!(client.is_closed());
}

fn stops_cleanly_at_sigint(workers: u32) {
    let mut server = under_test(workers).start();
    server.signal("INT");
    assert!(server.await_exit().success());
    server.wait_for_log("ready to exit, bye bye...");
}

fn stops_by_command(workers: u32) {
    let mut server = under_test(workers).start();
    let mut client = server.client();
    check(
        &mut client,
        "SHUTDOWN NOSUCH -> ERR syntax error
         SHUTDOWN SAVE NOSAVE -> ERR syntax error
         SHUTDOWN ABORT -> ERR No shutdown in progress.",
    );
    client.send(b"SHUTDOWN NOSAVE\r\n");
    assert_eq!(client.read_to_close(), b"");
    assert!(server.await_exit().success());
    assert!(!server.directory().file("dump.rdb").exists());
}

fn writes_and_removes_its_pidfile(workers: u32) {
    let directory = TestDirectory::new();
    let path = directory.file("server.pid");
    let mut server =
        under_test(workers).directory(&directory).line(&format!("pidfile {}", path.display())).start();
    assert_eq!(String::from_utf8_lossy(&directory.read("server.pid")).trim(), server.pid().to_string());
    assert!(server.terminate().success());
    assert!(!path.exists());
}

/// The first process ends with success when the second is on its way.
fn goes_into_the_background(workers: u32) {
    let directory = TestDirectory::new();
    let (port, folder) = (free_port(), directory.path().display().to_string());
    let program = Program::under_test();
    let status = Command::new(&program.path)
        .args(["--port", &port.to_string(), "--dir", &folder, "--save", "", "--daemonize", "yes"])
        .args(["--pidfile", &format!("{folder}/server.pid"), "--logfile", &format!("{folder}/server.log")])
        .args(["--io-threads", &workers.to_string(), "--bind", "127.0.0.1"])
        .status()
        .expect("the program can be run");
    assert!(status.success());
    let pid: u32 = wait_for("a number in the pid file", || {
        std::fs::read_to_string(directory.file("server.pid")).ok()?.trim().parse().ok()
    });
    let mut client =
        wait_for("the server in the background", || Client::try_connect(&format!("127.0.0.1:{port}")).ok());
    assert_eq!(client.info("server").text("process_id"), pid.to_string());
    // A process of its own: its parent is not this test.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let parent =
        stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)).map(str::to_owned);
    assert_ne!(parent, Some(std::process::id().to_string()));
    assert!(signal(pid, "TERM"));
    wait_until("it has stopped", || !directory.file("server.pid").exists() && !signal(pid, "0"));
}

/// What logrotate does: move the file away, send SIGHUP; the next lines go to a new file.
fn reopens_its_log_at_sighup(workers: u32) {
    let mut server = under_test(workers).start();
    let directory = server.directory().clone();
    std::fs::rename(directory.file("server.log"), directory.file("old.log")).expect("both in one folder");
    server.signal("HUP");
    check(&mut server.client(), "DEBUG LOG \"after the rotation\" -> OK");
    wait_until("the line is in the new file", || {
        std::fs::read_to_string(directory.file("server.log"))
            .is_ok_and(|text| text.contains("after the rotation"))
    });
    assert!(server.is_running());
    let old = String::from_utf8_lossy(&directory.read("old.log")).into_owned();
    assert!(!old.contains("after the rotation"));
}

fn output_of(arguments: &[&str]) -> (bool, String) {
    let output =
        Command::new(&Program::under_test().path).args(arguments).output().expect("the program can be run");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

fn shows_its_version(_workers: u32) {
    for option in ["--version", "-v"] {
        let (success, text) = output_of(&[option]);
        assert!(success && text.contains("server v=") && text.lines().count() == 1, "{option}: {text}");
    }
}

fn shows_help(_workers: u32) {
    for option in ["--help", "-h"] {
        let (_, text) = output_of(&[option]);
        assert!(text.contains("Usage:") && text.contains("--port"), "{option}: {text}");
    }
}

fn ends_with_a_crash_report(workers: u32) {
    let mut server = under_test(workers).start();
    let mut client = server.client();
    client.send(b"DEBUG SEGFAULT\r\n");
    client.read_to_close();
    assert!(!server.await_exit().success());
    for text in ["BUG REPORT START", "crashed by signal", "STACK TRACE", "BUG REPORT END"] {
        server.wait_for_log(text);
    }
}
