//! The commands that are known without a server.

use crate::docs::CommandDoc;

/// The documentation built into the program, for a server that does not answer COMMAND DOCS.
pub static BUILT_IN: &[CommandDoc] = &[
    CommandDoc::fixed("AUTH", "[username] password", "Logs the connection in", "connection", "1.0.0"),
    CommandDoc::fixed("COMMAND", "", "Describes the commands of the server", "server", "2.8.13"),
    CommandDoc::fixed("DEL", "key [key ...]", "Deletes keys", "generic", "1.0.0"),
    CommandDoc::fixed("ECHO", "message", "Returns the message", "connection", "1.0.0"),
    CommandDoc::fixed("EXISTS", "key [key ...]", "Counts the keys that exist", "generic", "1.0.0"),
    CommandDoc::fixed("GET", "key", "Returns the value of a string", "string", "1.0.0"),
    CommandDoc::fixed("INFO", "[section [section ...]]", "Tells how the server does", "server", "1.0.0"),
    CommandDoc::fixed("PING", "[message]", "Shows that the server lives", "connection", "1.0.0"),
    CommandDoc::fixed("SELECT", "index", "Changes the database", "connection", "1.0.0"),
    CommandDoc::fixed("SET", "key value", "Sets the value of a string", "string", "1.0.0"),
    CommandDoc::fixed("TTL", "key", "Returns the seconds until a key expires", "generic", "1.0.0"),
];
