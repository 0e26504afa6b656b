//! From the command line to workers that serve.
#![expect(clippy::disallowed_methods, reason = "the name of a unix socket is a file")]

mod assembly;
mod log_options;

pub use log_options::level;

use crate::cron::Cron;
use crate::process_title::Area;
use crate::shared::Server;
use crate::supervision;
use crate::system::{background, kernel, limits, oom_score, pid_file};
use crate::worker::Worker;
use crate::{allocator, crash, listen, logging, options, signals, usage_text};
use engine::config::Config;
use engine::config::options::{OomScoreAdjustment, Supervisor as Supervised};
use engine::engine::Engine;
use engine::shared::Shared;
use net::poll::Poller;
use replication::recovery::Recovery;
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
    log_options::set_up(&config).map_err(|error| vec![error])?;
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
    let server = assembly::assemble(config, supervisor).map_err(|error| vec![error])?;
    run_allocator_thread(&server.node.lock().engine.config);
    notice!("Server initialized");
    kernel::check(server.node.lock().engine.config.process.disable_thp);
    watch_process(&server).map_err(|error| vec![error])?;
    let recovery = load(&server)?;
    serve(&server, listeners, recovery)
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
    crash::set_enabled(server.node.lock().engine.config.process.crash_log_enabled);
    let described = Arc::clone(server);
    let describe = move || crate::crash_sections::describe(&described);
    crash::install(engine::OCHRE_VERSION, Box::new(describe))
        .map_err(|error| format!("Watching faults: {error}"))?;
    signals::watch(is_loading, handle).map_err(|error| format!("Watching signals: {error}"))
}

/// Loads the data set and opens the log. What a primary may have lost is asked for once it can be answered.
fn load(server: &Arc<Server>) -> Result<Option<Recovery>, Vec<String>> {
    kernel::without_huge_pages(|| server.persistence.load()).map_err(|error| vec![error])?;
    server.persistence.open_log().map_err(|error| vec![error])?;
    let mut node = server.node.lock();
    if let Err(error) = adjust_oom_score(&node.engine) {
        warning!("Adjusting the score of the out-of-memory killer: {error}");
    }
    let noted = server.notes.take_up(&mut node);
    let recovery = Recovery::begin(&mut node, noted);
    if node.engine.replication.is_replica() {
        server.follower.role_changed(&mut node);
    }
    Ok(recovery)
}

fn serve(
    server: &Arc<Server>,
    listeners: Vec<net::listener::Listener>,
    recovery: Option<Recovery>,
) -> Result<(), Vec<String>> {
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
    get_ready(server, recovery)?;
    for worker in workers {
        let name = format!("worker-{}", worker.index);
        let spawned = stdx::thread::spawn(&name, move || worker.run());
        spawned.map_err(|error| vec![format!("Starting a worker: {error}")])?;
    }
    first.run();
    Ok(())
}

/// Says that clients are served, once they are.
fn get_ready(server: &Arc<Server>, recovery: Option<Recovery>) -> Result<(), Vec<String>> {
    let Some(recovery) = recovery else {
        say_ready(server);
        return Ok(());
    };
    let server = Arc::clone(server);
    let run = move || {
        recovery.run(&server.node, &server.follower);
        say_ready(&server);
    };
    let spawned = stdx::thread::spawn("recovery", run);
    spawned.map(drop).map_err(|error| vec![format!("Asking replicas: {error}")])
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

/// Starts or ends the thread on which the allocator gives memory back, as `jemalloc-bg-thread` has it.
pub fn run_allocator_thread(config: &Config) {
    let runs = config.memory.jemalloc_bg_thread;
    if !allocator::set_background_thread(runs) && runs {
        stdx::logging::verbose!("The allocator gives memory back without a thread of its own.");
    }
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
