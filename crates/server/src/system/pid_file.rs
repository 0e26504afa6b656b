//! The file with the process's number.
#![expect(clippy::disallowed_methods, reason = "files of the kernel and of the process, not of data")]
#![expect(unsafe_code, reason = "a crash removes the file by the C library's call")]

use net::listener::os_text;
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;
use stdx::logging;

/// The file, once written: it is removed at the end, however that comes.
static PATH: OnceLock<CString> = OnceLock::new();

/// Writes the number, replacing what an earlier process left. A failure is logged and otherwise harmless.
pub fn create(path: &Path) {
    let written = fs::write(path, format!("{}\n", std::process::id()));
    match written {
        Ok(()) => {
            // The working directory may change before the end.
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            if let Ok(path) = CString::new(path.as_os_str().as_bytes()) {
                let _ = PATH.set(path);
            }
        }
        Err(error) => logging::notice!("Failed to write PID file: {}", os_text(&error)),
    }
}

/// Removes the file, if it was written, with a line in the log.
pub fn remove() {
    if PATH.get().is_some() {
        logging::notice!("Removing the pid file.");
        remove_quietly();
    }
}

/// Removes the file, if it was written. A signal handler may call it.
pub fn remove_quietly() {
    if let Some(path) = PATH.get() {
        // SAFETY: the path ends in a zero byte and lives for ever.
        unsafe { libc::unlink(path.as_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_and_goes() {
        let path = std::env::temp_dir().join(format!("ochre-pid-{}", std::process::id()));
        create(Path::new("/no such folder/pid"));
        remove();
        create(&path);
        let text = fs::read_to_string(&path).expect("written");
        assert_eq!(text, format!("{}\n", std::process::id()));
        remove();
        assert!(!path.exists());
        remove();
    }
}
