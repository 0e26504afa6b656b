//! What is written while a full copy is on its way, where no append-only log keeps it: first in memory, then in a file
//! without a name, so that no write rate can make the copy worthless.

use engine::engine::Node;
use engine::shared::Shared;
use log::Offset;
use log::reader::{ReadError, StreamSource};
use log::tail::ReaderId;
use log::vfs::{Vfs, VfsFile};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use stdx::logging::{notice, warning};

/// Bytes that are taken out of memory at once.
const TAKEN_BYTES: usize = 4 << 20;
/// The wait when nothing is to be taken.
const PAUSE: Duration = Duration::from_millis(5);

/// The stream from the offset of a snapshot on, for all replicas that get that snapshot.
pub struct Spill {
    /// Where it begins.
    start: Offset,
    /// What keeps in memory what is not in the file.
    reader: ReaderId,
    /// Up to here it is in the file.
    spilled: AtomicU64,
    file: Shared<Option<Box<dyn VfsFile>>>,
    has_failed: AtomicBool,
}

impl Spill {
    /// Begins at `start`, from where on `reader` keeps everything in memory.
    pub fn new(start: Offset, reader: ReaderId) -> Arc<Spill> {
        let (spilled, has_failed) = (AtomicU64::new(start.0), AtomicBool::new(false));
        Arc::new(Spill { start, reader, spilled, file: Shared::default(), has_failed })
    }

    /// What keeps the rest in memory.
    pub fn reader(&self) -> ReaderId {
        self.reader
    }

    /// The end of what is in the file.
    pub fn end(&self) -> Offset {
        Offset(self.spilled.load(Ordering::Acquire))
    }

    /// Whether the file can take no more: the rest stays in memory.
    pub fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    /// Makes the file and the thread that moves the stream into it, until nobody needs it any more.
    pub fn begin(
        spill: &Arc<Spill>,
        shared: &Arc<Shared<Node>>,
        vfs: &dyn Vfs,
        directory: &Path,
    ) -> io::Result<()> {
        let name = format!("temp-stream-{}", String::from_utf8_lossy(&stdx::random::hex_id()[..12]));
        let path = directory.join(name);
        let file = vfs.create(&path)?;
        vfs.remove(&path)?;
        spill.file.lock().replace(file);
        notice!("What is written while a full copy is sent goes to a temporary file from now on");
        let (spill, shared) = (Arc::downgrade(spill), Arc::clone(shared));
        stdx::background::spawn("spill", move || run(&spill, &shared)).map(drop)
    }

    /// Moves the next bytes. Returns how many.
    fn move_some(&self, shared: &Shared<Node>) -> io::Result<usize> {
        let mut bytes = Vec::new();
        let tail_has_more = {
            let node = shared.lock();
            let tail = &node.engine.propagation.tail;
            let mut from = self.end();
            while bytes.len() < TAKEN_BYTES
                && tail.position(self.reader).is_some()
                && let Some(part) = tail.read(from).filter(|part| !part.is_empty())
            {
                bytes.extend_from_slice(part);
                from = from.plus(part.len());
            }
            !bytes.is_empty()
        };
        if !tail_has_more {
            return Ok(0);
        }
        if let Some(file) = self.file.lock().as_mut() {
            file.write_all(&bytes)?;
        }
        let end = self.end().plus(bytes.len());
        self.spilled.store(end.0, Ordering::Release);
        shared.lock().engine.propagation.tail.advance(self.reader, end);
        Ok(bytes.len())
    }
}

fn run(spill: &Weak<Spill>, shared: &Shared<Node>) {
    while let Some(spill) = spill.upgrade() {
        match spill.move_some(shared) {
            Ok(0) => {
                drop(spill);
                std::thread::sleep(PAUSE);
            }
            Ok(_) => {}
            Err(error) => {
                warning!("Writing the stream for a full copy to a temporary file: {error}");
                spill.has_failed.store(true, Ordering::Relaxed);
                return;
            }
        }
    }
}

/// Reads what was spilled.
pub struct SpillReader {
    spill: Arc<Spill>,
    position: Offset,
}

impl SpillReader {
    /// From `from` on.
    pub fn new(spill: &Arc<Spill>, from: Offset) -> SpillReader {
        SpillReader { spill: Arc::clone(spill), position: from }
    }
}

impl StreamSource for SpillReader {
    fn position(&self) -> Offset {
        self.position
    }

    fn read(&mut self, out: &mut Vec<u8>, most: usize) -> Result<usize, ReadError> {
        let left = usize::try_from(self.spill.end().bytes_since(self.position)).unwrap_or(usize::MAX);
        let wanted = left.min(most);
        if self.spill.has_failed() && wanted == 0 {
            return Err(ReadError::Gone(self.position));
        }
        let from = out.len();
        out.resize(from + wanted, 0);
        let place = self.position.bytes_since(self.spill.start);
        let file = self.spill.file.lock();
        let buffer = out.get_mut(from..).unwrap_or_default();
        let read = file.as_ref().map_or(Ok(0), |file| file.read_at(buffer, place));
        let read = read.map_err(|error| ReadError::Io("the temporary file".to_string(), error))?;
        out.truncate(from + read);
        self.position = self.position.plus(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::command::index::Table;
    use engine::config::Config;
    use log::vfs::MemoryVfs;

    #[test]
    fn what_was_spilled_is_read_again_and_memory_is_freed() {
        let table: &'static Table = Box::leak(Box::new(Table::new(&[])));
        let shared = Arc::new(Shared::new(Node::new(Config::default(), table)));
        let reader = {
            let mut node = shared.lock();
            let tail = &mut node.engine.propagation.tail;
            tail.restart(Offset(100));
            tail.pin(Offset(100)).expect("the end")
        };
        let spill = Spill::new(Offset(100), reader);
        let vfs = MemoryVfs::new();
        vfs.create_dir(Path::new("/d")).expect("made");
        spill.file.lock().replace(vfs.create(Path::new("/d/f")).expect("created"));
        let mut source = SpillReader::new(&spill, Offset(100));
        let (mut stream, mut read) = (Vec::new(), Vec::new());
        for round in 0..300_u32 {
            let bytes = vec![round as u8; 30_000];
            stream.extend_from_slice(&bytes);
            shared.lock().engine.propagation.tail.append(&bytes);
            if round % 7 == 0 {
                spill.move_some(&shared).expect("written");
                source.read(&mut read, 50_000).expect("read");
            }
        }
        while spill.move_some(&shared).expect("written") > 0 {}
        while source.read(&mut read, 1 << 20).expect("read") > 0 {}
        assert!(read == stream);
        assert_eq!(source.position(), spill.end());
        assert_eq!(shared.lock().engine.propagation.tail.bytes_behind(reader), 0);
    }
}
