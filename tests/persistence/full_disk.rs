//! A full disk: writes are refused or the log says why, nothing acknowledged is lost, and room helps.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;

use testkit::{AckLedger, Client, Server, TestDirectory, is_root, skip, wait_for, wait_until};

use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(
    everysec_refuses_until_there_is_room,
    always_loses_nothing,
    saving_fails_without_harm
);

/// A small file system in memory, unmounted at the end.
pub struct SmallDisk {
    pub path: PathBuf,
    _directory: TestDirectory,
}

impl SmallDisk {
    /// Mounts one; `None`, said aloud, where that is not allowed.
    pub fn mount(size: &str) -> Option<Self> {
        if !is_root() {
            skip("mounting a small disk needs root");
            return None;
        }
        let directory = TestDirectory::new();
        let path = directory.file("disk");
        fs::create_dir(&path).expect("the folder is empty");
        let option = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(&path).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            Some(Self { path, _directory: directory })
        } else {
            skip("this machine does not let us mount a tmpfs");
            None
        }
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        // Fails when there is no room, which is what is wanted.
        let _ = fs::write(self.path.join("filler"), vec![0; 64 << 20]);
    }

    fn make_room(&self) {
        let _ = fs::remove_file(self.path.join("filler"));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.path).status();
    }
}

/// A server whose data lie on the small disk.
fn on_disk(workers: u32, disk: &SmallDisk, lines: &str) -> Server {
    under_test(workers).folder(disk.path.clone()).lines(lines).start()
}

/// How a server takes it that its disk is full.
#[derive(Debug, PartialEq)]
enum Reaction {
    /// It refuses writes with this text.
    Refuses(String),
    /// It closes the connection: the write was not acknowledged.
    Closes,
    /// It ends.
    Ends,
}

/// Writes until the server reacts to its full disk.
fn write_until_full(ledger: &mut AckLedger, server: &mut Server) -> Reaction {
    let mut client = server.client();
    let error = (0..).find_map(|key| ledger.write(&mut client, key % 5000).err()).expect("the disk is small");
    match error.kind() {
        ErrorKind::Other => Reaction::Refuses(error.to_string()),
        // One that ends closes its connections a moment before.
        _ if wait_for_an_answer(server) => Reaction::Closes,
        _ => Reaction::Ends,
    }
}

/// Whether a server whose connection broke goes on, as a new connection tells.
fn wait_for_an_answer(server: &mut Server) -> bool {
    wait_for("the server answers, or has ended", || {
        let answers = Client::try_connect(&server.address())
            .and_then(|mut client| client.try_command(&["PING"]))
            .is_ok_and(|reply| !reply.is_error());
        if answers { Some(true) } else { (!server.is_running()).then_some(false) }
    })
}

fn everysec_refuses_until_there_is_room(workers: u32) {
    let Some(disk) = SmallDisk::mount("16m") else { return };
    let mut server = on_disk(workers, &disk, "appendonly yes\nappendfsync everysec");
    let mut ledger = AckLedger::new("before");
    for key in 0..500 {
        ledger.write(&mut server.client(), key).expect("there is room");
    }
    disk.fill();
    let Reaction::Refuses(said) = write_until_full(&mut ledger, &mut server) else { panic!("no refusal") };
    assert!(said.starts_with("MISCONF Errors writing to the AOF file: No space left on device"), "{said}");
    assert_eq!(server.info("persistence").text("aof_last_write_status"), "err");
    disk.make_room();
    let mut after = AckLedger::new("after");
    wait_until("writing is allowed again", || after.write(&mut server.client(), 1).is_ok());
    assert_eq!(server.info("persistence").text("aof_last_write_status"), "ok");
    assert!(server.terminate().success());
    server.restart();
    assert_eq!(ledger.lost(&mut server.client()).len() + after.lost(&mut server.client()).len(), 0);
}

/// With `always` Ochre closes the connection whose write met the full disk, where Redis ends: what was acknowledged is on
/// the disk, the log has the reason, and with room it goes on by itself.
fn always_loses_nothing(workers: u32) {
    let Some(disk) = SmallDisk::mount("16m") else { return };
    let mut server = on_disk(workers, &disk, "appendonly yes\nappendfsync always");
    let mut ledger = AckLedger::new("always");
    disk.fill();
    let reaction = write_until_full(&mut ledger, &mut server);
    server.wait_for_log("No space left on device");
    assert_eq!(reaction, if server.program().is_ochre() { Reaction::Closes } else { Reaction::Ends });
    if reaction == Reaction::Ends {
        assert!(!server.await_exit().success());
        disk.make_room();
        server.restart();
    } else {
        let refused = server.client().run("SET another v").to_string();
        assert!(refused.starts_with("MISCONF"), "after {reaction:?}: {refused}");
        assert_eq!(ledger.lost(&mut server.client()).len(), 0);
        disk.make_room();
        let mut after = AckLedger::new("after");
        wait_until("writing is allowed again", || after.write(&mut server.client(), 1).is_ok());
        server.restart();
    }
    assert_eq!(ledger.lost(&mut server.client()).len(), 0);
    assert!(ledger.write(&mut server.client(), 1).is_ok());
}

/// A save that does not fit leaves the old file as it was, and nothing half written.
fn saving_fails_without_harm(workers: u32) {
    let Some(disk) = SmallDisk::mount("4m") else { return };
    let mut server = on_disk(workers, &disk, "rdbcompression no");
    let mut client = server.client();
    assert!(client.run("SET old v").is_ok() && client.run("SAVE").is_ok());
    let noise: String = (0..8_000_000).map(|_| fastrand::alphanumeric()).collect();
    assert!(client.command(&["SET", "large", &noise]).is_ok());
    assert!(client.run("SAVE").is_error());
    client.run("BGSAVE");
    wait_until("the background save has failed", || {
        client.info("persistence").text("rdb_last_bgsave_status") == "err"
    });
    let left: Vec<String> = fs::read_dir(&disk.path)
        .expect("mounted")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, ["dump.rdb"]);
    server.restart();
    assert_eq!(server.client().run("DBSIZE").integer(), 1);
}
