//! The file of past command lines, one a line, as redis-cli keeps it. Lines with secrets stay out.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// How many lines are kept.
const KEPT_LINES: usize = 1000;

/// The file; nothing is kept without one.
pub struct HistoryFile {
    path: Option<PathBuf>,
}

impl HistoryFile {
    /// `OCHRECLI_HISTFILE`, `REDISCLI_HISTFILE`, or a file in the home folder. `/dev/null` means none.
    pub fn locate() -> HistoryFile {
        let named = ["OCHRECLI_HISTFILE", "REDISCLI_HISTFILE"].into_iter().find_map(std::env::var_os);
        let path = named.map(PathBuf::from).or_else(|| Some(home()?.join(".ochrecli_history")));
        HistoryFile { path: path.filter(|path| !path.as_os_str().is_empty() && path != "/dev/null") }
    }

    /// The lines of earlier sessions, oldest first. A file that has grown long is cut to the newest.
    pub fn load(&self) -> Vec<String> {
        let Some(path) = &self.path else { return Vec::new() };
        let text = String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let kept = lines.get(lines.len().saturating_sub(KEPT_LINES)..).unwrap_or_default().to_vec();
        if kept.len() < lines.len() {
            self.write(&(kept.join("\n") + "\n"), false);
        }
        kept
    }

    /// Adds a line.
    pub fn append(&self, line: &str) {
        // A line with a newline inside quotes would come back as two.
        if !line.contains('\n') {
            self.write(&format!("{line}\n"), true);
        }
    }

    fn write(&self, text: &str, append: bool) {
        let Some(path) = &self.path else { return };
        let opened = OpenOptions::new()
            .create(true)
            .append(append)
            .write(true)
            .truncate(!append)
            .mode(0o600)
            .open(path);
        // History is a convenience: a home folder that cannot be written must not disturb the session.
        let _ = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    }
}

/// The user's home folder.
pub fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// True of a command that holds a password.
pub fn is_secret(command: &[Vec<u8>]) -> bool {
    let words: Vec<String> =
        command.iter().map(|word| String::from_utf8_lossy(word).to_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [count, rest @ ..] if count.parse::<i64>().is_ok() && !rest.is_empty() => {
            is_secret(command.get(1..).unwrap_or_default())
        }
        ["auth", ..] | ["acl", "setuser", ..] => true,
        ["hello", rest @ ..] => rest.contains(&"auth"),
        ["migrate", rest @ ..] => rest.contains(&"auth") || rest.contains(&"auth2"),
        ["config", "set", rest @ ..] => rest.iter().step_by(2).any(|name| is_secret_option(name)),
        ["sentinel", "set" | "config", rest @ ..] => rest.iter().any(|name| is_secret_option(name)),
        _ => false,
    }
}

fn is_secret_option(name: &str) -> bool {
    name.ends_with("pass") || name.ends_with("masterauth") || name.ends_with("primaryauth")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_secret() {
        let check = |line: &str| {
            let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            is_secret(&words)
        };
        for line in [
            "AUTH p",
            "3 auth u p",
            "acl SETUSER u >p",
            "hello 3 auth u p",
            "migrate h 1 k 0 1 AUTH p",
            "config set requirepass p",
            "config set maxmemory 1 masterauth p",
            "config set tls-key-file-pass p",
            "sentinel set m auth-pass p",
        ] {
            assert!(check(line), "{line}");
        }
        for line in [
            "get auth",
            "acl whoami",
            "hello 3",
            "config set maxmemory 1",
            "config get requirepass",
            "5 ping",
            "5",
        ] {
            assert!(!check(line), "{line}");
        }
    }

    #[test]
    fn keeps_the_newest_lines() {
        let path = std::env::temp_dir().join(format!("ochre-history-{}", std::process::id()));
        let file = HistoryFile { path: Some(path.clone()) };
        assert_eq!(file.load(), Vec::<String>::new());
        (0..KEPT_LINES + 5).for_each(|number| file.append(&format!("get {number}")));
        file.append("set a \"x\ny\"");
        let lines = file.load();
        assert_eq!((lines.len(), lines.first().map(String::as_str)), (KEPT_LINES, Some("get 5")));
        assert_eq!(fs::read_to_string(&path).expect("written").lines().count(), KEPT_LINES);
        fs::remove_file(path).expect("removed");
    }
}
