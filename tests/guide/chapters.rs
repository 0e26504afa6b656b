//! The chapters of the replication guide, each a session at the master or at the slave.

use std::path::PathBuf;

use testkit::{Program, Server, wait_equal};

use super::shell::Shell;

const MASTER_PASSWORD: &str = "your_redis_master_password";
const SLAVE_PASSWORD: &str = "your_redis_slave_password";
const ON_MASTER: &str = "this key was defined on the master server";
const READ_ONLY: &str = "(error) READONLY You can't write against a read only replica.";

/// The address at which the slaves reach the master, as the guide's second interface.
const MASTER_HOST: &str = "127.0.0.2";

/// The guide's machines and the client that types at them.
pub struct Guide {
    command_line: PathBuf,
    master: Server,
    slave: Server,
}

impl Guide {
    /// Two fresh servers, nothing configured.
    pub fn begin(command_line: PathBuf) -> Self {
        let program = Program::under_test();
        Self { command_line, master: Server::start(&program), slave: Server::start(&program) }
    }

    fn at(&self, server: &Server) -> Shell {
        Shell { program: self.command_line.clone(), host: "127.0.0.1", port: server.port() }
    }

    fn at_master(&self) -> Shell {
        self.at(&self.master)
    }

    fn at_slave(&self) -> Shell {
        self.at(&self.slave)
    }

    pub fn ping_the_untouched_master(&self) {
        self.at_master().expect(&[("ping", "PONG")]);
    }

    pub fn configure_the_master(&mut self) {
        self.master.add_lines(&format!(
            "bind 127.0.0.1 {MASTER_HOST}
             tcp-keepalive 60
             requirepass {MASTER_PASSWORD}
             maxmemory-policy noeviction
             appendonly yes
             appendfilename \"redis-staging-ao.aof\""
        ));
        self.master.restart();
        self.at_master().expect(&[
            ("get test", "(error) NOAUTH Authentication required."),
            ("auth wrong", "(error) WRONGPASS invalid username-password pair or user is disabled."),
            (&format!("auth {MASTER_PASSWORD}"), "OK"),
            ("ping", "PONG"),
        ]);
        self.inspect_the_configured_master();
    }

    fn inspect_the_configured_master(&self) {
        let printed = self.at_master().piped(&[&format!("auth {MASTER_PASSWORD}"), "info replication"]);
        let head: Vec<&str> = printed.iter().map(String::as_str).take(4).collect();
        assert_eq!(head, ["OK", "# Replication", "role:master", "connected_slaves:0"]);
        for field in
            ["master_repl_offset:", "repl_backlog_active:", "repl_backlog_size:", "repl_backlog_histlen:"]
        {
            assert!(printed.iter().any(|line| line.starts_with(field)), "{field} in {printed:?}");
        }
        let names = self.master.directory().names("appendonlydir");
        for file in ["redis-staging-ao.aof.manifest", "redis-staging-ao.aof.1.incr.aof"] {
            assert!(names.iter().any(|name| name == file), "{file} in {names:?}");
        }
    }

    pub fn configure_the_slave(&mut self) {
        self.at_master().expect(&[
            (&format!("auth {MASTER_PASSWORD}"), "OK"),
            (&format!("set test '{ON_MASTER}'"), "OK"),
        ]);
        self.slave.add_lines(&format!("bind 127.0.0.1\nrequirepass {SLAVE_PASSWORD}"));
        self.slave.restart();
        self.at_slave().expect(&[(&format!("auth {SLAVE_PASSWORD}"), "OK"), ("get test", "(nil)")]);
        let port = self.master.port();
        self.slave.add_lines(&format!("slaveof {MASTER_HOST} {port}\nmasterauth {MASTER_PASSWORD}"));
        self.slave.restart();
        await_link(&self.at_slave(), SLAVE_PASSWORD);
        self.at_slave()
            .expect(&[(&format!("auth {SLAVE_PASSWORD}"), "OK"), ("get test", &format!("\"{ON_MASTER}\""))]);
    }

    pub fn compare_both_sides(&self) {
        let (master, slave) = (self.at_master(), self.at_slave());
        assert_eq!(slave.field(SLAVE_PASSWORD, "role"), "slave");
        assert_eq!(slave.field(SLAVE_PASSWORD, "master_host"), MASTER_HOST);
        assert_eq!(slave.field(SLAVE_PASSWORD, "master_port"), self.master.port().to_string());
        assert_eq!(slave.field(SLAVE_PASSWORD, "master_sync_in_progress"), "0");
        assert_eq!(master.field(MASTER_PASSWORD, "role"), "master");
        assert_eq!(master.field(MASTER_PASSWORD, "connected_slaves"), "1");
        let line = master.field(MASTER_PASSWORD, "slave0");
        let begin = format!("ip=127.0.0.1,port={},state=online,offset=", self.slave.port());
        assert!(line.starts_with(&begin) && line.contains(",lag="), "{line} begins with {begin}");
        wait_equal("the slave's offset", &true, || {
            slave.field(SLAVE_PASSWORD, "slave_repl_offset")
                == master.field(MASTER_PASSWORD, "master_repl_offset")
        });
    }

    pub fn write_on_the_slave(&self) {
        self.at_slave().expect(&[
            (&format!("auth {SLAVE_PASSWORD}"), "OK"),
            ("set test2 'this key was defined on the slave server'", READ_ONLY),
            ("get test2", "(nil)"),
        ]);
    }

    pub fn promote_the_slave_and_return(&self) {
        let login = format!("auth {SLAVE_PASSWORD}");
        self.at_slave().expect(&[
            (&login, "OK"),
            ("slaveof no one", "OK"),
            ("set test2 'the slave became a master'", "OK"),
            ("get test2", "\"the slave became a master\""),
        ]);
        assert_eq!(self.at_slave().field(SLAVE_PASSWORD, "role"), "master");
        let back = format!("slaveof {MASTER_HOST} {}", self.master.port());
        self.at_slave().expect(&[(&login, "OK"), (&back, "OK")]);
        await_link(&self.at_slave(), SLAVE_PASSWORD);
        self.at_slave().expect(&[
            (&login, "OK"),
            ("get test2", "(nil)"),
            ("get test", &format!("\"{ON_MASTER}\"")),
        ]);
    }

    pub fn lose_the_master(&mut self) {
        self.at_master().expect(&[
            (&format!("auth {MASTER_PASSWORD}"), "OK"),
            ("set last 'written before the end'", "OK"),
        ]);
        wait_equal("the last write at the slave", &"\"written before the end\"".to_owned(), || {
            self.at_slave().session(&[&format!("auth {SLAVE_PASSWORD}"), "get last"]).remove(1)
        });
        self.master.kill9();
        wait_equal("the slave's link", &"down".to_owned(), || {
            self.at_slave().field(SLAVE_PASSWORD, "master_link_status")
        });
        self.at_slave().expect(&[
            (&format!("auth {SLAVE_PASSWORD}"), "OK"),
            ("slaveof no one", "OK"),
            ("set test3 'written while the master was away'", "OK"),
        ]);
    }

    pub fn bring_the_old_master_back(&mut self) {
        self.master.restart();
        let login = format!("auth {MASTER_PASSWORD}");
        self.at_master().expect(&[
            (&login, "OK"),
            ("get test", &format!("\"{ON_MASTER}\"")),
            ("get last", "\"written before the end\""),
            ("get test3", "(nil)"),
            (&format!("config set masterauth {SLAVE_PASSWORD}"), "OK"),
            (&format!("slaveof 127.0.0.1 {}", self.slave.port()), "OK"),
        ]);
        await_link(&self.at_master(), MASTER_PASSWORD);
        self.at_master().expect(&[
            (&login, "OK"),
            ("get test3", "\"written while the master was away\""),
            ("set test4 x", READ_ONLY),
        ]);
    }

    pub fn point_a_second_slave_at_the_promoted_first(&self) {
        let second = Server::builder(&Program::under_test())
            .lines(&format!("requirepass {SLAVE_PASSWORD}\nmasterauth {SLAVE_PASSWORD}"))
            .line(&format!("slaveof 127.0.0.1 {}", self.slave.port()))
            .start();
        await_link(&self.at(&second), SLAVE_PASSWORD);
        self.at(&second).expect(&[
            (&format!("auth {SLAVE_PASSWORD}"), "OK"),
            ("get test3", "\"written while the master was away\""),
        ]);
        assert_eq!(self.at_slave().field(SLAVE_PASSWORD, "connected_slaves"), "2");
        self.at_slave().expect(&[(&format!("auth {SLAVE_PASSWORD}"), "OK"), ("set test5 both", "OK")]);
        for (shell, password) in [(self.at(&second), SLAVE_PASSWORD), (self.at_master(), MASTER_PASSWORD)] {
            wait_equal("the write at both slaves", &"\"both\"".to_owned(), || {
                shell.session(&[&format!("auth {password}"), "get test5"]).remove(1)
            });
        }
    }
}

fn await_link(shell: &Shell, password: &str) {
    wait_equal("master_link_status", &"up".to_owned(), || shell.field(password, "master_link_status"));
}
