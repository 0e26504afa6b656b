//! From a request to its reply: find the command, ask the gates, run it, pass on what it changed.

pub mod ahead;
pub mod call;
pub mod context;
pub mod dispatch;
pub mod gates;
mod noteworthy;
pub mod room;
pub mod serve;
mod tell;
