//! The data types beside real servers: files and streams in both directions.

mod hashes;
mod migrate;
