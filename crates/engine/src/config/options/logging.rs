//! What is logged, and where to.

use std::path::PathBuf;

use crate::config::kind::{FilePath, Text, YesNo, choices};

choices! {
    /// The least important messages that are still logged.
    LogLevel {
        /// Everything, for developers.
        "debug" => Debug,
        /// Much that is rarely useful.
        "verbose" => Verbose,
        /// What an operator wants to know.
        "notice" => Notice,
        /// Only what is important.
        "warning" => Warning,
        /// No message at all.
        "nothing" => Nothing,
    }
}

choices! {
    /// The part of the system log that messages go to.
    SyslogFacility {
        /// User programs.
        "user" => User,
        /// Local use 0.
        "local0" => Local0,
        /// Local use 1.
        "local1" => Local1,
        /// Local use 2.
        "local2" => Local2,
        /// Local use 3.
        "local3" => Local3,
        /// Local use 4.
        "local4" => Local4,
        /// Local use 5.
        "local5" => Local5,
        /// Local use 6.
        "local6" => Local6,
        /// Local use 7.
        "local7" => Local7,
    }
}

options! {
    /// What is logged, and where to.
    Logging at logging;

    /// The least important messages that are still logged.
    loglevel: LogLevel = LogLevel::Notice, mutable;
    /// Log file; "" is the standard output, which in the background goes nowhere.
    logfile: FilePath = PathBuf::new(), immutable;
    /// Write to the system log as well.
    syslog_enabled: YesNo = false, immutable;
    /// Name of the server in the system log.
    syslog_ident: Text = "ochre".to_owned(), immutable;
    /// The part of the system log that messages go to.
    syslog_facility: SyslogFacility = SyslogFacility::Local0, immutable;
}
