//! The one ordered log: histories, offsets, the tail in memory and the files on disk.
