//! The log as the configuration wants it.

use crate::logging;
use engine::config::Config;
use engine::config::options::{LogLevel, SyslogFacility};

/// Opens the log's targets and sets its level.
pub fn set_up(config: &Config) -> Result<(), String> {
    let options = &config.logging;
    stdx::logging::set_level(level(options.loglevel));
    let syslog = options.syslog_enabled.then(|| logging::Syslog {
        ident: options.syslog_ident.clone(),
        facility: facility(options.syslog_facility),
    });
    logging::configure(&logging::Settings { file: options.logfile.clone(), syslog })
        .map_err(|error| format!("Can't open the log file: {error}"))
}

fn facility(option: SyslogFacility) -> logging::Facility {
    match option {
        SyslogFacility::User => logging::Facility::User,
        SyslogFacility::Local0 => logging::Facility::Local(0),
        SyslogFacility::Local1 => logging::Facility::Local(1),
        SyslogFacility::Local2 => logging::Facility::Local(2),
        SyslogFacility::Local3 => logging::Facility::Local(3),
        SyslogFacility::Local4 => logging::Facility::Local(4),
        SyslogFacility::Local5 => logging::Facility::Local(5),
        SyslogFacility::Local6 => logging::Facility::Local(6),
        SyslogFacility::Local7 => logging::Facility::Local(7),
    }
}

/// The level of the log as the option has it.
pub fn level(option: LogLevel) -> Option<stdx::logging::Level> {
    match option {
        LogLevel::Debug => Some(stdx::logging::Level::Debug),
        LogLevel::Verbose => Some(stdx::logging::Level::Verbose),
        LogLevel::Notice => Some(stdx::logging::Level::Notice),
        LogLevel::Warning => Some(stdx::logging::Level::Warning),
        LogLevel::Nothing => None,
    }
}
