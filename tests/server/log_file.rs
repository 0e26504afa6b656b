//! Log lines as scripts and tools read them.

use testkit::check;

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    has_the_usual_line_format,
    has_the_lines_that_scripts_wait_for,
    goes_to_standard_output_without_a_file,
    leaves_out_what_is_below_the_level,
);

/// `PID:ROLE DD Mon YYYY HH:MM:SS.mmm LEVEL text`.
fn is_log_line(line: &str, pid: u32) -> bool {
    let words: Vec<&str> = line.splitn(7, ' ').collect();
    let [process, day, month, year, time, level, text] = words[..] else { return false };
    let digits =
        |word: &str, length: usize| word.len() == length && word.bytes().all(|byte| byte.is_ascii_digit());
    let role = process.strip_prefix(&pid.to_string()).unwrap_or_default();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let clock: Vec<&str> = time.split([':', '.']).collect();
    matches!(role, ":C" | ":M" | ":S")
        && digits(day, 2)
        && months.contains(&month)
        && digits(year, 4)
        && clock.len() == 4
        && clock.iter().zip([2, 2, 2, 3]).all(|(part, length)| digits(part, length))
        && matches!(level, "." | "-" | "*" | "#")
        && !text.is_empty()
}

fn has_the_usual_line_format(workers: u32) {
    let server = under_test(workers).line("loglevel debug").start();
    check(&mut server.client(), "PING -> PONG\nDEBUG LOG hello -> OK");
    server.wait_for_log("hello");
    for line in server.log_text().lines().filter(|line| !line.is_empty()) {
        // The drawing that some servers print at their start stands aside.
        let is_art = line.starts_with(' ') || line.contains("-._") || line.contains(".-`");
        assert!(is_art || is_log_line(line, server.pid()), "{line:?}");
    }
}

fn has_the_lines_that_scripts_wait_for(workers: u32) {
    let mut server = under_test(workers).start();
    for text in ["Server initialized", "Ready to accept connections", &format!("{}:M ", server.pid())] {
        assert!(server.log_text().contains(text), "{text} in {}", server.log_text());
    }
    let replica = under_test(workers).replica_of(&server.address()).start();
    replica.wait_for_log("MASTER <-> REPLICA sync started");
    replica.wait_for_log("MASTER <-> REPLICA sync: Finished with success");
    replica.wait_for_log(&format!("{}:S ", replica.pid()));
    server.wait_for_log("Full resync requested by replica");
    assert!(server.terminate().success());
    server.wait_for_log("User requested shutdown...");
}

fn goes_to_standard_output_without_a_file(workers: u32) {
    let server = under_test(workers).line("logfile \"\"").start();
    assert!(server.output().contains("Ready to accept connections"));
}

fn leaves_out_what_is_below_the_level(workers: u32) {
    let server = under_test(workers).line("loglevel warning").start();
    check(&mut server.client(), "DEBUG LOG loud -> OK\nCONFIG SET loglevel notice -> OK");
    server.wait_for_log("loud");
    assert!(!server.log_text().contains("Ready to accept connections"));
}
