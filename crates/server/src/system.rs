//! The process and the machine: limits, the background, figures of the kernel.

pub mod background;
pub mod kernel;
pub mod limits;
pub mod oom_score;
pub mod pid_file;
pub mod usage;
