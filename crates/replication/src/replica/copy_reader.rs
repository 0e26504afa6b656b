//! A full copy as a reader: bytes of the socket go through the machine, which tells where the copy ends.

use crate::follower::machine::{Action, Actions, Input, Machine};
use net::stream::Stream;
use std::io::{self, Read};

/// Reads exactly one copy.
pub struct CopyReader<'l> {
    machine: &'l mut Machine,
    stream: &'l mut Stream,
    chunk: Vec<u8>,
    /// Bytes of the copy that were not taken yet.
    ready: Vec<u8>,
    position: usize,
    is_whole: bool,
    /// Bytes of the copy so far.
    pub bytes: u64,
}

impl<'l> CopyReader<'l> {
    /// The machine has asked for a copy to be begun.
    pub fn begin(machine: &'l mut Machine, stream: &'l mut Stream) -> CopyReader<'l> {
        let chunk = vec![0; super::CHUNK_BYTES];
        let mut reader =
            CopyReader { machine, stream, chunk, ready: Vec::new(), position: 0, is_whole: false, bytes: 0 };
        let mut actions = Actions::new();
        reader.machine.step(super::now_ms(), Input::CopyBegun, &mut actions);
        reader.is_whole = take_up(&mut reader.ready, actions);
        reader.bytes = reader.ready.len() as u64;
        reader
    }

    fn fill(&mut self) -> io::Result<()> {
        let read = self.stream.read(&mut self.chunk)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut actions = Actions::new();
        self.machine.step(super::now_ms(), Input::Received(&self.chunk[..read]), &mut actions);
        self.ready.clear();
        self.position = 0;
        self.is_whole = take_up(&mut self.ready, actions);
        self.bytes += self.ready.len() as u64;
        Ok(())
    }
}

/// Takes the copy's bytes; true when it is whole.
fn take_up(ready: &mut Vec<u8>, actions: Actions<'_>) -> bool {
    let mut is_whole = false;
    for action in actions {
        match action {
            Action::FeedCopy(bytes) => ready.extend_from_slice(&bytes),
            Action::EndCopy => is_whole = true,
            _ => {}
        }
    }
    is_whole
}

impl Read for CopyReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.position == self.ready.len() {
            if self.is_whole {
                return Ok(0);
            }
            self.fill()?;
        }
        let taken = out.len().min(self.ready.len() - self.position);
        out[..taken].copy_from_slice(&self.ready[self.position..self.position + taken]);
        self.position += taken;
        Ok(taken)
    }
}
