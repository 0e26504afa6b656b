//! The process's title in `ps` and `top`. What it says is the configuration's template (`proc-title-template`).

mod area;

pub use area::Area;
