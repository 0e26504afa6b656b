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
    /// `allocated_bytes` as it was read last, and what threads said since then: see [`Process::count_bytes`].
    pub used_bytes: u64,
    /// What the calling thread has allocated less what it freed, in bytes, since it was asked in the same round; 0 the
    /// first time. Some nanoseconds.
    pub thread_bytes: fn(round: u64) -> i64,
    /// How often the figures were read.
    round: u64,
    /// Monotonic time when they were read last, in microseconds.
    read_at_us: u64,
}

impl Process {
    /// Reads the figures. Takes some tens of microseconds.
    pub fn read_figures(&mut self) -> MemoryFigures {
        let figures = (self.memory)();
        self.used_bytes = figures.allocated_bytes;
        self.round += 1;
        self.read_at_us = stdx::clock::monotonic_us();
        // What this thread did before is in the figures; from here on it counts.
        (self.thread_bytes)(self.round);
        figures
    }

    /// The bytes that are used now, but for what other threads did since the figures were read and did not count yet.
    #[inline]
    pub fn count_bytes(&mut self) -> u64 {
        let change = (self.thread_bytes)(self.round);
        self.used_bytes = self.used_bytes.saturating_add_signed(change);
        self.used_bytes
    }

    /// How long ago the figures were read, in microseconds.
    pub fn figures_age_us(&self) -> u64 {
        stdx::clock::monotonic_us().saturating_sub(self.read_at_us)
    }
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
            thread_bytes: |_| 0,
            round: 0,
            read_at_us: 0,
        }
    }
}
