//! The RDB format over any reader and writer.
