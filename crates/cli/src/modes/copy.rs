//! `--rdb`: fetches the data set as a replica would, and keeps it as a file.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::Failure;
use crate::args::Options;
use crate::connect::{Connection, system_text};
use crate::modes::{connection, open};
use crate::run::complain;

/// Read and written at once, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// The longest line that a server sends before the copy.
const LINE_BYTES_MAX: usize = 1024;

/// The length of the mark that ends a copy of unknown length.
const MARK_BYTES: usize = 40;

/// How the end of the copy is told.
#[derive(Debug, PartialEq, Eq)]
enum Extent {
    Bytes(u64),
    Mark(Vec<u8>),
}

/// Fetches a copy into the file, or to standard output when its name is `-`.
pub fn run(options: &Options, name: &str) -> Result<(), Failure> {
    let mut session = open(options)?;
    for words in [["REPLCONF", "capa", "eof"], ["REPLCONF", "rdb-only", "1"]] {
        announce(connection(&mut session)?, &words)?;
    }
    connection(&mut session)?.send(&["SYNC"])?;
    let Some(connection) = session.take_connection() else { return Err(Failure::Told) };
    let mut stream = connection.into_stream();
    stream.set_read_timeout(None).map_err(|error| Failure::Message(system_text(&error)))?;
    let extent = read_extent(&mut stream)?;
    match &extent {
        Extent::Bytes(bytes) => complain(&format!("SYNC sent to master, writing {bytes} bytes to '{name}'")),
        Extent::Mark(_) => complain(&format!(
            "SYNC sent to master, writing bytes of bulk transfer until EOF marker to '{name}'"
        )),
    }
    let written = match name {
        "-" => receive(&mut stream, &extent, &mut io::stdout().lock())?,
        _ => into_file(Path::new(name), |file| receive(&mut stream, &extent, file))?,
    };
    complain(&match extent {
        Extent::Bytes(_) => "Transfer finished with success.".to_owned(),
        Extent::Mark(_) => format!("Transfer finished with success after {written} bytes"),
    });
    Ok(())
}

/// Says what we are. A server that does not know the words sends its copy all the same.
fn announce(connection: &mut Connection, words: &[&str]) -> Result<(), Failure> {
    let line = words.join(" ");
    complain(&format!("sending {line}"));
    let reply = connection.ask(words)?;
    if reply.is_error() {
        let text = String::from_utf8_lossy(reply.as_bytes().unwrap_or_default()).into_owned();
        complain(&format!("{line} error: {text}"));
    }
    Ok(())
}

/// Reads the line before the copy. Empty lines say that the server is still at work.
fn read_extent(stream: &mut impl Read) -> Result<Extent, Failure> {
    let line = loop {
        let line = read_line(stream).map_err(|error| broken(&error))?;
        if !line.is_empty() {
            break line;
        }
    };
    let refused = || Failure::Message(format!("SYNC with master failed: {}", String::from_utf8_lossy(&line)));
    let rest = line.strip_prefix(b"$").ok_or_else(refused)?;
    if let Some(mark) = rest.strip_prefix(b"EOF:").filter(|mark| mark.len() == MARK_BYTES) {
        return Ok(Extent::Mark(mark.to_vec()));
    }
    let bytes = std::str::from_utf8(rest).ok().and_then(|digits| digits.parse().ok());
    bytes.map(Extent::Bytes).ok_or_else(refused)
}

/// A line without its end. Read byte by byte: what follows belongs to the copy.
fn read_line(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        match byte[0] {
            b'\n' => return Ok(line.strip_suffix(b"\r").unwrap_or(&line).to_vec()),
            _ if line.len() == LINE_BYTES_MAX => return Err(ErrorKind::InvalidData.into()),
            byte => line.push(byte),
        }
    }
}

fn broken(error: &io::Error) -> Failure {
    Failure::Message(format!("I/O error reading RDB payload from socket: {}", system_text(error)))
}

/// Writes the file beside its place and puts it there when it is whole: a copy that breaks off replaces nothing. What is
/// no plain file, such as a pipe, is written as it is.
fn into_file(path: &Path, receive: impl FnOnce(&mut File) -> Result<u64, Failure>) -> Result<u64, Failure> {
    let is_special = fs::metadata(path).is_ok_and(|facts| !facts.is_file());
    let written_path = if is_special { path.to_owned() } else { beside(path) };
    let opened =
        if is_special { File::options().write(true).open(path) } else { File::create(&written_path) };
    let fail = |what: &str, error: &io::Error| {
        Failure::Message(format!("{what} '{}': {}", path.display(), system_text(error)))
    };
    let mut file = opened.map_err(|error| fail("Error opening", &error))?;
    let received = receive(&mut file);
    if is_special {
        return received;
    }
    let kept = received.and_then(|bytes| {
        file.sync_all().map_err(|error| fail("Fail to fsync", &error))?;
        fs::rename(&written_path, path).map_err(|error| fail("Error renaming to", &error))?;
        Ok(bytes)
    });
    if kept.is_err() {
        // The reason that matters is the first one.
        let _ = fs::remove_file(&written_path);
    }
    kept
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    name.into()
}

/// Passes the copy on, and counts its bytes.
fn receive(stream: &mut impl Read, extent: &Extent, out: &mut impl Write) -> Result<u64, Failure> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let (mut held, mut written) = (Vec::new(), 0);
    loop {
        let room = match extent {
            Extent::Bytes(bytes) => chunk.len().min(usize::try_from(bytes - written).unwrap_or(usize::MAX)),
            Extent::Mark(_) => chunk.len(),
        };
        if room == 0 {
            break;
        }
        let length = read_some(stream, chunk.get_mut(..room).unwrap_or_default())?;
        held.extend_from_slice(chunk.get(..length).unwrap_or_default());
        // The last bytes may be the mark, or its beginning.
        let (is_over, keep) = match extent {
            Extent::Bytes(_) => (false, 0),
            Extent::Mark(mark) => (held.ends_with(mark), held.len().min(MARK_BYTES)),
        };
        let ready = held.len() - keep;
        out.write_all(held.get(..ready).unwrap_or_default()).map_err(|error| {
            Failure::Message(format!("Error writing data to file: {}", system_text(&error)))
        })?;
        written += ready as u64;
        held.drain(..ready);
        if is_over {
            break;
        }
    }
    Ok(written)
}

fn read_some(stream: &mut impl Read, chunk: &mut [u8]) -> Result<usize, Failure> {
    loop {
        match stream.read(chunk) {
            Ok(0) => return Err(broken(&ErrorKind::UnexpectedEof.into())),
            Ok(length) => return Ok(length),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(broken(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &[u8; MARK_BYTES] = b"0123456789abcdef0123456789abcdef01234567";

    /// Gives so many bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let length = out.len().min(self.1);
            self.0.read(&mut out[..length])
        }
    }

    fn copied(stream: &[u8], step: usize) -> Result<Vec<u8>, String> {
        let told = |failure| match failure {
            Failure::Message(text) => text,
            other => format!("{other:?}"),
        };
        let (mut stream, mut out) = (Pieces(stream, step), Vec::new());
        let extent = read_extent(&mut stream).map_err(told)?;
        let written = receive(&mut stream, &extent, &mut out).map_err(told)?;
        assert_eq!(written, out.len() as u64);
        Ok(out)
    }

    #[test]
    fn the_end_is_found_by_length_and_by_mark() {
        let marked = [b"\n\n$EOF:", MARK.as_slice(), b"\r\nREDIS-0123456789-copy", MARK].concat();
        for step in 1..=marked.len() {
            assert_eq!(copied(&marked, step).as_deref(), Ok(&b"REDIS-0123456789-copy"[..]));
            assert_eq!(copied(b"\n$4\r\nREDIbehind", step).as_deref(), Ok(&b"REDI"[..]));
        }
        assert_eq!(copied(b"$0\r\n", 9).as_deref(), Ok(&b""[..]));
    }

    #[test]
    fn what_breaks_off_or_is_refused_is_an_error() {
        let error = |stream: &[u8]| copied(stream, 5).expect_err("no copy");
        assert_eq!(error(b"-NOPERM no\r\n"), "SYNC with master failed: -NOPERM no");
        assert_eq!(error(b"$EOF:short\r\n"), "SYNC with master failed: $EOF:short");
        assert!(error(b"$4\r\nRED").starts_with("I/O error reading RDB payload from socket"));
        assert!(error(b"").starts_with("I/O error reading RDB payload from socket"));
        assert!(error(&[b'x'; 2000]).starts_with("I/O error"));
    }

    #[test]
    fn a_copy_that_breaks_off_replaces_nothing() {
        let path = std::env::temp_dir().join(format!("ochre-cli-copy-{}", std::process::id()));
        fs::write(&path, "old").expect("written");
        assert!(into_file(&path, |_| Err(Failure::Told)).is_err());
        assert_eq!(fs::read(&path).expect("there"), b"old");
        let fill = |file: &mut File| file.write_all(b"new").map(|()| 3).map_err(Failure::from);
        assert_eq!(into_file(&path, fill).expect("whole"), 3);
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert!(!beside(&path).exists());
        fs::remove_file(&path).expect("removed");
    }
}
