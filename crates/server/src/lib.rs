//! The process: sockets, threads, the loop.
