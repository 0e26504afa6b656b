//! Opens connections and says what has to be said before the measuring starts.

use std::io::{Read, Write};

use net::stream::Stream;
use resp::value::{ReplyParser, Value, append_command};

use crate::args::Options;
use crate::load::LoadError;

/// A connection that is authenticated, speaks the chosen protocol and looks at the chosen database.
pub fn open(options: &Options) -> Result<Stream, LoadError> {
    let mut stream = Stream::connect(&options.address, None)
        .map_err(|error| LoadError::Connect(options.address.to_string(), error))?;
    stream.set_nodelay(true).map_err(LoadError::Io)?;
    for command in greeting(options) {
        if let Value::Error(text) = ask(&mut stream, &command)? {
            return Err(LoadError::Refused(
                options.address.to_string(),
                String::from_utf8_lossy(&text).into_owned(),
            ));
        }
    }
    Ok(stream)
}

fn greeting(options: &Options) -> Vec<Vec<Vec<u8>>> {
    let mut commands: Vec<Vec<Vec<u8>>> = Vec::new();
    if let Some(password) = &options.password {
        let user = options.user.iter().cloned();
        commands.push([b"AUTH".to_vec()].into_iter().chain(user).chain([password.clone()]).collect());
    }
    if options.resp3 {
        commands.push(vec![b"HELLO".to_vec(), b"3".to_vec()]);
    }
    if options.tracks_keys {
        commands.push(vec![b"CLIENT".to_vec(), b"TRACKING".to_vec(), b"on".to_vec()]);
    }
    if options.database != 0 {
        commands.push(vec![b"SELECT".to_vec(), options.database.to_string().into_bytes()]);
    }
    commands
}

/// Sends one command over a blocking connection and waits for its reply.
pub fn ask<A: AsRef<[u8]>>(stream: &mut Stream, command: &[A]) -> Result<Value, LoadError> {
    let mut request = Vec::new();
    append_command(&mut request, command);
    stream.write_all(&request).map_err(LoadError::Io)?;
    let mut parser = ReplyParser::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(reply) = parser.next_reply().map_err(LoadError::Protocol)? {
            return Ok(reply);
        }
        match stream.read(&mut buffer).map_err(LoadError::Io)? {
            0 => return Err(LoadError::Closed),
            length => parser.feed(buffer.get(..length).unwrap_or_default()),
        }
    }
}
