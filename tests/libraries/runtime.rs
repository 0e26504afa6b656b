//! Running a program of another language against a primary and its replica.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use testkit::{Program, TestDirectory, Vendor, skip, target_folder, wait_equal, wait_until_within};

use crate::workers::under_test;

/// How long a program may take: far more than any machine needs.
const DEADLINE: Duration = Duration::from_secs(300);

/// What runs a program.
#[derive(Clone, Copy)]
pub enum Runtime {
    /// Python, in the virtual environment that `cargo xtask test` makes.
    Python,
    /// Node.js, with the packages that `cargo xtask test` fetches.
    Node,
}

impl Runtime {
    /// Runs a program of this folder with the ports of a primary and of its replica as arguments; the test fails when it
    /// fails.
    pub fn run(self, program: &str, workers: u32) {
        if let Some(why) = lacks_commands(&Program::under_test()) {
            return skip(&why);
        }
        let primary = under_test(workers).start();
        let replica = under_test(workers).replica_of(&primary.address()).start();
        wait_equal("master_link_status", &"up".to_owned(), || {
            replica.info("replication").text("master_link_status").to_owned()
        });
        let mut command = self.command(program);
        command.args([primary.port(), replica.port()].map(|port| port.to_string()));
        let said = Running::start(command).finish();
        for why in said.lines().filter_map(|line| line.strip_prefix("SKIPPED: ")) {
            skip(why);
        }
    }

    fn command(self, program: &str) -> Command {
        let (folder, installed) = match self {
            Self::Python => ("python", "bin/python"),
            Self::Node => ("node", "node_modules"),
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("libraries").join(folder).join(program);
        let installed = target_folder().join("libraries").join(folder).join(installed);
        assert!(
            installed.exists(),
            "{} is not there: `cargo xtask test --filter libraries` installs it",
            installed.display()
        );
        let mut command = self.interpreter(installed);
        command.arg(path);
        command
    }

    fn interpreter(self, installed: PathBuf) -> Command {
        match self {
            Self::Python => {
                let mut command = Command::new(installed);
                // The checkout stays as it is.
                command.env("PYTHONDONTWRITEBYTECODE", "1");
                command
            }
            Self::Node => {
                let mut command = Command::new("node");
                command.env("NODE_PATH", installed);
                command
            }
        }
    }
}

/// Why the programs cannot run on this server: they use what Redis has since version 8.
fn lacks_commands(program: &Program) -> Option<String> {
    let is_old = program.vendor == Vendor::Redis && program.version < (8, 0, 0);
    is_old.then(|| format!("{program} lacks commands that the programs use"))
}

/// A program that runs. It is killed when this goes out of scope, and what it said is shown when the test fails.
struct Running {
    child: Child,
    directory: TestDirectory,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let directory = TestDirectory::new();
        let output = File::create(directory.file("output.txt")).expect("the test's folder can be written to");
        let errors = output.try_clone().expect("a file can be opened twice");
        command.stdin(Stdio::null()).stdout(output).stderr(errors).current_dir(directory.path());
        let child = command.spawn();
        Self { child: child.unwrap_or_else(|error| panic!("cannot run {command:?}: {error}")), directory }
    }

    /// Waits until it has ended well, and returns what it said.
    fn finish(mut self) -> String {
        let mut ended = None;
        wait_until_within(DEADLINE, "the program has ended", || {
            ended = self.child.try_wait().expect("a child can be waited for");
            ended.is_some()
        });
        let status = ended.expect("waited for just now");
        let said = self.said();
        assert!(status.success() && said.contains("all steps done"), "the program failed: {status}");
        said
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.directory.read("output.txt")).into_owned()
    }
}

impl Drop for Running {
    #[expect(clippy::print_stderr, reason = "a failing test shows what its program said")]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the program said:\n{}", self.said());
        }
    }
}
