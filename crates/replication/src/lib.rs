//! Primary side and replica side of replication.
