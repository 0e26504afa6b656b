//! Every command, one folder per group.
