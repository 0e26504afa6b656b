//! Parsed replies, for whoever talks to a server.
