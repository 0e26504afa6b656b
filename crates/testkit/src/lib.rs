//! For tests only: starts servers, talks to them, waits for conditions.
