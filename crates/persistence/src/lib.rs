//! When and how data reaches disk, and back at start.
