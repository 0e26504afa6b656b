//! What the process is: written once at start, memory figures asked when needed.

/// Figures of the allocator and of the system, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryFigures {
    /// Allocated by the program.
    pub allocated_bytes: u64,
    /// In pages that hold allocations.
    pub active_bytes: u64,
    /// Held by the allocator in physical memory.
    pub resident_bytes: u64,
    /// The whole process in physical memory.
    pub rss_bytes: u64,
    /// Physical memory of the machine.
    pub system_bytes: u64,
    /// CPU time used in system mode, in microseconds.
    pub cpu_system_us: u64,
    /// CPU time used in user mode, in microseconds.
    pub cpu_user_us: u64,
    /// CPU time that the asking thread used in system mode, in microseconds.
    pub thread_system_us: u64,
    /// CPU time that the asking thread used in user mode, in microseconds.
    pub thread_user_us: u64,
}

/// Facts of the process.
#[derive(Clone, Debug)]
pub struct Process {
    /// Process number.
    pub id: u32,
    /// 40 hex digits, new at every start.
    pub run_id: String,
    /// Path of the program.
    pub executable: String,
    /// Wall clock at start, in seconds.
    pub started_s: i64,
    /// Monotonic clock at start, in milliseconds.
    pub started_monotonic_ms: u64,
    /// The port that is really listened on.
    pub port: u16,
    /// Kernel name, release and machine.
    pub os: String,
    /// The allocator's name and version.
    pub allocator: String,
    /// How the process is supervised: `no`, `systemd`, `upstart`.
    pub supervisor: &'static str,
    /// Reads the memory figures.
    pub memory: fn() -> MemoryFigures,
    /// Gives memory that nothing uses back to the system.
    pub purge_memory: fn(),
    /// The allocator's own report.
    pub allocator_report: fn() -> String,
    /// Highest `allocated_bytes` seen by cron.
    pub peak_bytes: u64,
    /// `allocated_bytes` when the server was ready.
    pub startup_bytes: u64,
    /// `allocated_bytes` as cron saw it last: what the memory gate compares.
    pub used_bytes: u64,
}

impl Default for Process {
    fn default() -> Self {
        Process {
            id: std::process::id(),
            run_id: String::from_utf8_lossy(&stdx::random::hex_id()).into_owned(),
            executable: String::new(),
            started_s: 0,
            started_monotonic_ms: 0,
            port: 0,
            os: String::new(),
            allocator: "libc".to_string(),
            supervisor: "no",
            memory: MemoryFigures::default,
            purge_memory: || (),
            allocator_report: String::new,
            peak_bytes: 0,
            startup_bytes: 0,
            used_bytes: 0,
        }
    }
}
