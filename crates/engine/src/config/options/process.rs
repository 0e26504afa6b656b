//! The server as a process of the system.

use std::path::PathBuf;

use crate::config::kind::{
    FilePath, Integer, OomScores, ShutdownChoices, ShutdownOptions, TitleTemplate, TitleText, YesNo, choices,
};

choices! {
    /// Who started the server and waits to hear that it is ready.
    Supervisor {
        /// Upstart: the server stops itself once when ready.
        "upstart" => Upstart,
        /// systemd: told over its notification socket.
        "systemd" => Systemd,
        /// Whichever of the two the environment shows.
        "auto" => Auto,
        /// Nobody.
        "no" => Nobody,
    }
}

choices! {
    /// What the server does to its score with the kernel's out-of-memory killer.
    OomScoreAdjustment {
        /// Nothing.
        "no" => Never,
        "yes" => Relative,
        /// Adds the scores to the one it was started with.
        "relative" => Relative,
        /// Sets the scores as they are.
        "absolute" => Absolute,
    }
}

options! {
    /// The server as a process of the system.
    Process at process;

    /// Run in the background, without a terminal.
    daemonize: YesNo = false, immutable;
    /// Tell the service supervisor when the server is ready.
    supervised: Supervisor = Supervisor::Nobody, immutable;
    /// File with the process id, removed at exit. In the background one is written even when none is named.
    pidfile: FilePath = PathBuf::new(), immutable;
    /// Show what the server is and where it listens in the list of processes.
    set_proc_title: YesNo = true, immutable;
    /// What set-proc-title shows.
    proc_title_template: TitleText =
        TitleTemplate::new("{title} {listen-addr} {server-mode}").expect("the template is valid"), mutable;
    /// Show the logo in the log at the start even when the log is not a terminal.
    always_show_logo: YesNo = false, immutable;
    /// Write a report with stack traces to the log when the server crashes.
    crash_log_enabled: YesNo = true, mutable;
    /// Whether to change the score by which the kernel picks what to kill when memory runs out.
    oom_score_adj: OomScoreAdjustment = OomScoreAdjustment::Never, mutable;
    /// The scores for a primary, a replica and a background child.
    oom_score_adj_values: OomScores = [0, 200, 800], mutable;
    /// Turn transparent huge pages off for this process: with them, changes during a save cost more memory.
    disable_thp: YesNo = true, immutable;
    /// Seconds that a shutdown waits for replicas to catch up. 0 does not wait.
    shutdown_timeout: Integer<u32, 0, { i32::MAX as i64 }> = 10, mutable;
    /// How to shut down on SIGINT.
    shutdown_on_sigint: ShutdownChoices = ShutdownOptions::DEFAULT, mutable;
    /// How to shut down on SIGTERM.
    shutdown_on_sigterm: ShutdownChoices = ShutdownOptions::DEFAULT, mutable;
}
