//! Telling the service manager that started us how it goes: systemd by messages, upstart by stopping once.

use net::listener::os_text;
use signal_hook::consts::SIGSTOP;
use std::ffi::OsString;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use stdx::logging;

/// Whom the configuration expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nobody.
    No,
    /// Whoever the environment names.
    Auto,
    /// systemd.
    Systemd,
    /// upstart.
    Upstart,
}

/// Who supervises the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supervisor {
    /// Nobody.
    None,
    /// systemd: it wants to be told.
    Systemd,
    /// upstart: it was told.
    Upstart,
}

impl Supervisor {
    /// The name in INFO.
    pub const fn name(self) -> &'static str {
        match self {
            Supervisor::None => "no",
            Supervisor::Systemd => "systemd",
            Supervisor::Upstart => "upstart",
        }
    }

    /// Whether there is one: then the process stays in the foreground.
    pub fn is_there(self) -> bool {
        self != Supervisor::None
    }

    /// Says in words what the process is doing.
    pub fn status(self, text: &str) {
        self.tell(&format!("STATUS={text}\n"));
    }

    /// Says that the server serves.
    pub fn ready(self) {
        self.status("Ready to accept connections");
        self.tell("READY=1\n");
    }

    /// Says that the server stops.
    pub fn stopping(self) {
        self.tell("STOPPING=1\n");
    }

    fn tell(self, message: &str) -> bool {
        self == Supervisor::Systemd && notify(std::env::var_os("NOTIFY_SOCKET"), message)
    }
}

/// Finds out who supervises the process and says that it starts. Under upstart the process stops here until it is
/// continued, so this comes before anything that others may wait for.
pub fn begin(mode: Mode) -> Supervisor {
    let is_set = |name| std::env::var_os(name).is_some();
    match mode {
        Mode::Auto if is_set("UPSTART_JOB") => {
            logging::verbose!("Upstart supervision detected.");
            begin_upstart()
        }
        Mode::Auto if is_set("NOTIFY_SOCKET") => {
            logging::verbose!("Systemd supervision detected.");
            begin_systemd()
        }
        Mode::Systemd => begin_systemd(),
        Mode::Upstart if is_set("UPSTART_JOB") => begin_upstart(),
        Mode::Upstart => {
            logging::warning!("upstart supervision requested, but UPSTART_JOB not found!");
            Supervisor::None
        }
        Mode::Auto | Mode::No => Supervisor::None,
    }
}

fn begin_upstart() -> Supervisor {
    logging::notice!("supervised by upstart, will stop to signal readiness.");
    if let Err(error) = signal_hook::low_level::raise(SIGSTOP) {
        logging::warning!("Stopping for upstart failed: {}", os_text(&error));
    }
    Supervisor::Upstart
}

fn begin_systemd() -> Supervisor {
    if Supervisor::Systemd.tell("STATUS=Ochre is loading...\n") {
        logging::notice!(
            "Supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and \
             TimeoutStopSec in your service unit."
        );
    }
    Supervisor::Systemd
}

/// Sends one message to the socket that systemd named. Says whether it went out; the log says why not.
fn notify(socket: Option<OsString>, message: &str) -> bool {
    let Some(socket) = socket.filter(|socket| !socket.is_empty()) else {
        logging::warning!("systemd supervision error: NOTIFY_SOCKET not found!");
        return false;
    };
    match send(socket.as_bytes(), message.as_bytes()) {
        Ok(()) => true,
        Err(error) => {
            let number = error.raw_os_error().unwrap_or(0);
            logging::warning!("systemd supervision error: sd_notify: {number} ({})", os_text(&error));
            false
        }
    }
}

/// A name that begins with `@` is in the kernel's own name space, where there are no files.
fn send(socket: &[u8], message: &[u8]) -> io::Result<()> {
    let address = match socket.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(socket))?,
    };
    UnixDatagram::unbound()?.send_to_addr(message, &address).map(drop)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests look at real files")]
mod tests {
    use super::*;

    fn received(socket: &UnixDatagram) -> String {
        let mut bytes = [0; 100];
        let length = socket.recv(&mut bytes).expect("a message");
        String::from_utf8_lossy(bytes.get(..length).unwrap_or_default()).into_owned()
    }

    #[test]
    fn messages_reach_both_kinds_of_socket() {
        let name = format!("ochre-notify-{}", std::process::id());
        let path = std::env::temp_dir().join(&name);
        let by_path = UnixDatagram::bind(&path).expect("bound");
        assert!(notify(Some(path.clone().into()), "READY=1\n"));
        assert_eq!(received(&by_path), "READY=1\n");
        std::fs::remove_file(&path).expect("removed");
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let by_name = UnixDatagram::bind_addr(&address).expect("bound");
        assert!(notify(Some(format!("@{name}").into()), "STOPPING=1\n"));
        assert_eq!(received(&by_name), "STOPPING=1\n");
    }

    #[test]
    fn nobody_to_tell_is_no_disaster() {
        assert!(!notify(None, "x"));
        assert!(!notify(Some("/no such folder/socket".into()), "x"));
        assert!(!Supervisor::None.tell("x"));
        assert!(!Supervisor::Upstart.tell("x"));
        assert_eq!(begin(Mode::No), Supervisor::None);
        assert_eq!(Supervisor::None.name(), "no");
        assert!(Supervisor::Systemd.is_there());
    }
}
