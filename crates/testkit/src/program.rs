//! Which server programs there are: Ochre's own, and the real ones found on this machine.

use std::env;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Where other vendors' servers are looked for when OCHRE_PEERS is not set.
const PEERS_FOLDER: &str = "/opt/peers";

/// Who made a server program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// This project.
    Ochre,
    /// Redis.
    Redis,
    /// Valkey.
    Valkey,
}

/// A server program and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The file to run.
    pub path: PathBuf,
    /// Who made it.
    pub vendor: Vendor,
    /// Its version: major, minor, patch.
    pub version: (u32, u32, u32),
}

impl Program {
    /// The server that the tests are about: OCHRE_TEST_SERVER, else OCHRE_SERVER, else `ochre-server` in the target
    /// folder. The first may name a real server, to try the tests themselves.
    #[must_use]
    pub fn under_test() -> Self {
        static FOUND: LazyLock<Program> = LazyLock::new(|| {
            let named = env::var_os("OCHRE_TEST_SERVER").or_else(|| env::var_os("OCHRE_SERVER"));
            let path = named.map_or_else(|| target_program("ochre-server"), PathBuf::from);
            Program::at(&path).unwrap_or_else(|| {
                panic!(
                    "no server at {}: run `cargo build --release -p server`, or set OCHRE_TEST_SERVER",
                    path.display()
                )
            })
        });
        FOUND.clone()
    }

    /// The program in a file, asked for its version; `None` if it cannot be run.
    #[must_use]
    pub fn at(path: &Path) -> Option<Self> {
        let output = Command::new(path).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let vendor = match text.split_whitespace().next() {
            Some("Redis") => Vendor::Redis,
            Some("Valkey") => Vendor::Valkey,
            _ => Vendor::Ochre,
        };
        let version = text.split_whitespace().find_map(|word| word.strip_prefix("v=")).unwrap_or_default();
        let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Some(Self { path: path.to_path_buf(), vendor, version: (next(), next(), next()) })
    }

    /// Redis 7.0, as Debian has it: `redis-server` on PATH.
    #[must_use]
    pub fn redis_7() -> Option<Self> {
        find_on_path("redis-server").and_then(|path| Self::at(&path))
    }

    /// Redis 8: `bin/redis-server` in the folder of the peers.
    #[must_use]
    pub fn redis_8() -> Option<Self> {
        Self::at(&peers_folder()?.join("bin/redis-server"))
    }

    /// Valkey 9: `bin/valkey-server` in the folder of the peers, or on PATH.
    #[must_use]
    pub fn valkey_9() -> Option<Self> {
        let path = peers_folder().map(|folder| folder.join("bin/valkey-server")).filter(|path| path.exists());
        Self::at(&path.or_else(|| find_on_path("valkey-server"))?)
    }

    /// Whether this is our own server.
    #[must_use]
    pub fn is_ochre(&self) -> bool {
        self.vendor == Vendor::Ochre
    }

    /// Whether this server can follow `primary`: it reads the RDB version that the primary writes. Ochre writes what
    /// Redis 7.0 reads, and reads what anybody writes.
    #[must_use]
    pub fn can_follow(&self, primary: &Self) -> bool {
        let written = primary.rdb_version();
        match self.vendor {
            Vendor::Ochre => true,
            // Valkey numbers its own versions from 80 and takes those of Redis after the parting for foreign.
            Vendor::Valkey => written <= 11 || (80..=self.rdb_version()).contains(&written),
            Vendor::Redis => written <= self.rdb_version(),
        }
    }

    /// The RDB version that this server writes.
    #[must_use]
    pub fn rdb_version(&self) -> u32 {
        match self.vendor {
            Vendor::Ochre => 10,
            Vendor::Redis if self.version < (7, 2, 0) => 10,
            Vendor::Redis if self.version < (7, 4, 0) => 11,
            Vendor::Redis => 12,
            Vendor::Valkey if self.version < (9, 0, 0) => 11,
            Vendor::Valkey => 80,
        }
    }
}

/// The vendor and the version, as in `Redis 7.0.15`.
impl Display for Program {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.version;
        write!(out, "{:?} {major}.{minor}.{patch}", self.vendor)
    }
}

/// A program of this workspace: the newest of its release and debug builds.
#[must_use]
pub fn target_program(name: &str) -> PathBuf {
    let target = target_folder();
    let built = |profile: &str| {
        let path = target.join(profile).join(name);
        let modified = path.metadata().and_then(|facts| facts.modified()).ok()?;
        Some((modified, path))
    };
    let newest = ["release", "debug"].into_iter().filter_map(built).max();
    newest.map_or_else(|| target.join("release").join(name), |(_, path)| path)
}

/// The target folder that the running test was built into: tests lie in TARGET/PROFILE/deps.
#[must_use]
pub fn target_folder() -> PathBuf {
    if let Some(folder) = env::var_os("CARGO_TARGET_DIR") {
        return PathBuf::from(folder);
    }
    let running = env::current_exe().expect("a process knows its program");
    running.ancestors().nth(3).expect("tests lie in TARGET/PROFILE/deps").to_path_buf()
}

/// Looks a program up on PATH.
#[must_use]
pub fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn peers_folder() -> Option<PathBuf> {
    let named = env::var_os("OCHRE_PEERS").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(PEERS_FOLDER)).filter(|folder| folder.is_dir()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(vendor: Vendor, version: (u32, u32, u32)) -> Program {
        Program { path: PathBuf::new(), vendor, version }
    }

    #[test]
    fn knows_who_reads_whose_rdb() {
        let redis_7 = program(Vendor::Redis, (7, 0, 15));
        let redis_8 = program(Vendor::Redis, (8, 0, 6));
        let valkey_9 = program(Vendor::Valkey, (9, 1, 2));
        let ochre = program(Vendor::Ochre, (0, 1, 0));
        assert!(!redis_7.can_follow(&redis_8) && !redis_7.can_follow(&valkey_9));
        assert!(redis_8.can_follow(&redis_7) && !valkey_9.can_follow(&redis_8));
        for peer in [&redis_7, &redis_8, &valkey_9] {
            assert!(peer.can_follow(&ochre) && ochre.can_follow(peer) && peer.can_follow(peer));
        }
    }
}
