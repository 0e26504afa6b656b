//! From the command line to workers that serve.

use crate::cron::Cron;
use crate::process_title::Area;
use crate::shared::{Letter, Mailbox, Server};
use crate::supervision::{self, Supervisor};
use crate::system::{background, kernel, limits, oom_score, pid_file, usage};
use crate::worker::Worker;
use crate::{allocator, crash, listen, logging, options, signals, usage_text};
use engine::config::Config;
use engine::config::options::{LogLevel, OomScoreAdjustment, Supervisor as Supervised, SyslogFacility};
use engine::engine::{Engine, Node};
use engine::facts::process::MemoryFigures;
use engine::shared::Shared;
use net::poll::Poller;
use persistence::Persistence;
use replication::full_sync::FullSyncs;
use replication::replica::Follower;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use stdx::logging::{notice, warning};

/// The arguments that the process was started with, to start it again.
static ARGUMENTS: OnceLock<Vec<OsString>> = OnceLock::new();
/// The place of the process's title.
static TITLE: OnceLock<Option<Shared<Area>>> = OnceLock::new();

/// Runs the server until it is told to stop.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    logging::install();
    if let Some(code) = usage_text::answer(&arguments) {
        return code;
    }
    let title = Area::claim();
    let config = match Config::load(arguments.iter().skip(1).cloned()) {
        Ok(config) => config,
        Err(error) => return usage_text::refuse_configuration(&error),
    };
    let _ = ARGUMENTS.set(arguments);
    let _ = TITLE.set(title.map(Shared::new));
    match start(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(lines) => {
            for line in lines.iter().flat_map(|text| text.lines()).filter(|line| !line.is_empty()) {
                warning!("{line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn start(mut config: Config) -> Result<(), Vec<String>> {
    set_up_log(&config).map_err(|error| vec![error])?;
    let supervisor = supervision::begin(match config.process.supervised {
        Supervised::Nobody => supervision::Mode::No,
        Supervised::Auto => supervision::Mode::Auto,
        Supervised::Systemd => supervision::Mode::Systemd,
        Supervised::Upstart => supervision::Mode::Upstart,
    });
    let in_background = config.process.daemonize && !supervisor.is_there();
    if in_background {
        background::enter().map_err(|error| vec![format!("Going into the background: {error}")])?;
    }
    enter_directory(&config)?;
    say_hello(&config);
    write_pid_file(&config, in_background);
    limit_clients(&mut config)?;
    let listeners = listen::open(&config)?;
    if listeners.is_empty() {
        return Err(vec!["Configured to not listen anywhere, exiting.".to_string()]);
    }
    logging::set_role(match config.replication.replicaof {
        Some(_) => logging::Role::Replica,
        None => logging::Role::Primary,
    });
    say_where(&config);
    set_title(&config);
    let server = assemble(config, supervisor).map_err(|error| vec![error])?;
    if !allocator::set_background_thread(true) {
        stdx::logging::verbose!("The allocator gives memory back without a thread of its own.");
    }
    notice!("Server initialized");
    kernel::check(server.node.lock().engine.config.process.disable_thp);
    watch_process(&server).map_err(|error| vec![error])?;
    load(&server)?;
    serve(&server, listeners)
}

fn set_up_log(config: &Config) -> Result<(), String> {
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

fn enter_directory(config: &Config) -> Result<(), Vec<String>> {
    let directory = &config.snapshotting.dir;
    if directory.as_os_str().is_empty() {
        return Ok(());
    }
    std::env::set_current_dir(directory).map_err(|error| {
        vec![format!("Can't chdir to '{}': {}", directory.display(), net::listener::os_text(&error))]
    })
}

fn say_hello(config: &Config) {
    notice!("oO0OoO0OoO0Oo Ochre is starting oO0OoO0OoO0Oo");
    notice!(
        "Ochre version={}, Redis version={}, bits=64, pid={}, just started",
        engine::OCHRE_VERSION,
        engine::REDIS_VERSION,
        std::process::id()
    );
    if config.file_path.is_some() {
        notice!("Configuration loaded");
    } else {
        warning!(
            "Warning: no config file specified, using the default config. In order to specify a config file use \
             ochre-server /path/to/ochre.conf"
        );
    }
}

/// The banner, or a line, that says what runs where.
fn say_where(config: &Config) {
    let port = config.network.port;
    let shows_logo = config.process.always_show_logo
        || (config.logging.logfile.as_os_str().is_empty()
            && std::io::IsTerminal::is_terminal(&std::io::stdout())
            && !config.process.daemonize);
    if shows_logo {
        logging::write_raw(&usage_text::banner(port));
    } else {
        notice!("Running mode=standalone, port={port}.");
    }
    if let Some(warning) = net::listener::backlog_warning(config.network.tcp_backlog) {
        stdx::logging::warning!("{warning}");
    }
}

fn write_pid_file(config: &Config, in_background: bool) {
    let configured = &config.process.pidfile;
    if !configured.as_os_str().is_empty() {
        pid_file::create(configured);
    } else if in_background {
        pid_file::create(std::path::Path::new("/var/run/ochre.pid"));
    }
}

fn limit_clients(config: &mut Config) -> Result<(), Vec<String>> {
    let allowed =
        limits::allow_clients(config.clients.maxclients).map_err(|error| vec![error.to_string()])?;
    if allowed != config.clients.maxclients {
        let text = allowed.to_string();
        let set = config.set(&[(b"maxclients", text.as_bytes())], engine::config::Caller::Local);
        set.map_err(|error| vec![error.to_string()])?;
    }
    Ok(())
}

/// Puts the process's parts together.
fn assemble(config: Config, supervisor: Supervisor) -> Result<Arc<Server>, String> {
    let workers = config.general.io_threads as usize;
    let table = commands::table();
    let mut node = Node::new(config, table);
    fill_facts(&mut node.engine, supervisor);
    let node = Arc::new(Shared::new(node));
    let server = Arc::new_cyclic(|weak: &std::sync::Weak<Server>| {
        let (copies, replaced) = (weak.clone(), weak.clone());
        let report = move |finished: replication::full_sync::Finished| {
            if let Some(server) = copies.upgrade() {
                let (client, outcome) = (finished.client, finished.outcome);
                server.post(finished.worker, Letter::SnapshotSent { client, outcome });
            }
        };
        let data_set_replaced = move |node: &mut Node| {
            if let Some(server) = replaced.upgrade() {
                server.persistence.data_set_replaced(node);
            }
        };
        Server {
            persistence: Persistence::new(Arc::clone(&node)),
            full_syncs: FullSyncs::new(Arc::clone(&node), Box::new(report)),
            follower: Follower::new(Arc::clone(&node), Box::new(data_set_replaced)),
            migration_links: Default::default(),
            mailboxes: (0..workers).map(|_| Mailbox::default()).collect(),
            signal: Default::default(),
            pending_shutdown: Shared::default(),
            listeners: Shared::default(),
            sent_bytes: Default::default(),
            supervisor,
            is_over: Default::default(),
            node,
        }
    });
    Ok(server)
}

fn fill_facts(engine: &mut Engine, supervisor: Supervisor) {
    let executable = std::env::current_exe().unwrap_or_default();
    let process = &mut engine.process;
    process.executable = executable.to_string_lossy().into_owned();
    process.started_s = engine.clock.wall_ms / 1000;
    process.started_monotonic_ms = engine.clock.monotonic_ms;
    process.port = engine.config.network.port;
    process.os = kernel::os();
    process.allocator = allocator::name();
    process.supervisor = supervisor.name();
    process.memory = memory_figures;
    let figures = memory_figures();
    process.startup_bytes = figures.allocated_bytes;
    process.used_bytes = figures.allocated_bytes;
    process.peak_bytes = figures.allocated_bytes;
    engine.health.save.last_save_s = process.started_s;
    if let Some(primary) = engine.config.replication.replicaof.clone() {
        engine.follow(&primary.host, primary.port);
    }
}

fn memory_figures() -> MemoryFigures {
    let heap = allocator::figures();
    let cpu = usage::process_cpu();
    let thread = usage::thread_cpu();
    MemoryFigures {
        allocated_bytes: heap.allocated,
        active_bytes: heap.active,
        resident_bytes: heap.resident,
        rss_bytes: usage::pages().resident_bytes,
        system_bytes: kernel::memory_bytes(),
        cpu_system_us: cpu.system_us,
        cpu_user_us: cpu.user_us,
        thread_system_us: thread.system_us,
        thread_user_us: thread.user_us,
    }
}

/// Signals and faults are told to us from now on.
fn watch_process(server: &Arc<Server>) -> Result<(), String> {
    let (loading, handling) = (Arc::clone(server), Arc::clone(server));
    let is_loading = move || loading.node.try_lock().is_some_and(|node| node.engine.health.loading.is_some());
    let handle = move |request| match request {
        signals::Request::Shutdown(signal) => {
            handling.signal.store(signal, Relaxed);
            if let Some(node) = handling.node.try_lock() {
                node.engine.clients.wake_all();
            }
        }
        signals::Request::ExitNow => pid_file::remove_quietly(),
        signals::Request::ReopenLog => logging::reopen(),
    };
    signals::watch(is_loading, handle).map_err(|error| format!("Watching signals: {error}"))?;
    crash::set_enabled(server.node.lock().engine.config.process.crash_log_enabled);
    let described = Arc::clone(server);
    let describe = move || crate::crash_sections::describe(&described);
    crash::install(engine::OCHRE_VERSION, Box::new(describe))
        .map_err(|error| format!("Watching faults: {error}"))
}

/// Loads the data set and opens the log.
fn load(server: &Arc<Server>) -> Result<(), Vec<String>> {
    server.persistence.load().map_err(|error| vec![error])?;
    server.persistence.open_log().map_err(|error| vec![error])?;
    let mut node = server.node.lock();
    if let Err(error) = adjust_oom_score(&node.engine) {
        warning!("Adjusting the score of the out-of-memory killer: {error}");
    }
    if node.engine.replication.is_replica() {
        server.follower.role_changed(&mut node);
    }
    Ok(())
}

fn serve(server: &Arc<Server>, listeners: Vec<net::listener::Listener>) -> Result<(), Vec<String>> {
    let count = server.mailboxes.len();
    let mut workers = Vec::with_capacity(count);
    for index in 0..count {
        let poller = Poller::new().map_err(|error| vec![format!("Creating a poller: {error}")])?;
        server.node.lock().engine.clients.add_worker(poller.waker());
        workers.push(Worker::new(index as u16, Arc::clone(server), poller));
    }
    let mut first = workers.remove(0);
    first.cron = Some(Cron::default());
    *server.listeners.lock() = listeners;
    options::watch_listeners(&mut first);
    say_ready(server);
    for worker in workers {
        let name = format!("worker-{}", worker.index);
        let spawned = std::thread::Builder::new().name(name).spawn(move || {
            if let Err(error) = crash::protect_thread() {
                warning!("A worker's stack for faults: {error}");
            }
            worker.run();
        });
        spawned.map_err(|error| vec![format!("Starting a worker: {error}")])?;
    }
    first.run();
    Ok(())
}

fn say_ready(server: &Server) {
    let node = server.node.lock();
    if !node.engine.config.network.unixsocket.as_os_str().is_empty() {
        let path = node.engine.config.network.unixsocket.display();
        notice!("The server is now ready to accept connections at {path}");
    }
    notice!("Ready to accept connections");
    server.supervisor.ready();
}

/// Applies `oom-score-adj` as the node's role wants it.
pub fn adjust_oom_score(engine: &Engine) -> std::io::Result<()> {
    let process = &engine.config.process;
    let mode = match process.oom_score_adj {
        OomScoreAdjustment::Never => oom_score::Mode::No,
        OomScoreAdjustment::Relative => oom_score::Mode::Relative,
        OomScoreAdjustment::Absolute => oom_score::Mode::Absolute,
    };
    let role = usize::from(engine.replication.is_replica());
    oom_score::adjust(mode, process.oom_score_adj_values[role])
}

/// Shows in the list of processes what runs where.
pub fn set_title(config: &Config) {
    let Some(Some(area)) = TITLE.get() else { return };
    if !config.process.set_proc_title {
        return;
    }
    let executable =
        ARGUMENTS.get().and_then(|words| words.first()).map(|word| word.to_string_lossy().into_owned());
    let executable = executable.unwrap_or_default();
    let address = config.network.bind.first().map_or("*", String::as_str);
    let listen_address = format!("{address}:{}", config.network.port);
    let unix_socket = config.network.unixsocket.to_string_lossy().into_owned();
    let file =
        config.file_path.as_deref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    let port = config.network.port.to_string();
    let title = config.process.proc_title_template.expand(|variable| match variable {
        "title" => executable.clone(),
        "listen-addr" => listen_address.clone(),
        "port" => port.clone(),
        "tls-port" => "0".to_string(),
        "unixsocket" => unix_socket.clone(),
        "config-file" => file.clone(),
        _ => String::new(),
    });
    area.lock().show(title.trim_end());
}

/// Leaves nothing behind that another start would stumble over.
pub fn leave(server: &Server, config: &Config) {
    server.supervisor.stopping();
    if !config.network.unixsocket.as_os_str().is_empty() {
        notice!("Removing the unix socket file.");
        if let Err(error) = std::fs::remove_file(&config.network.unixsocket) {
            warning!("Removing the unix socket file: {error}");
        }
    }
    pid_file::remove();
}

/// Puts the same program in the place of this process. Returns only when that fails.
pub fn start_again() -> std::io::Error {
    use std::os::unix::process::CommandExt;
    let arguments = ARGUMENTS.get().cloned().unwrap_or_default();
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return error,
    };
    std::process::Command::new(program).args(arguments.iter().skip(1)).exec()
}
