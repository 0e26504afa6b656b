//! A full copy on its way into a file: found whole in the stream without being understood.

use crate::transfer::{Extent, MARK_LEN};
use log::vfs::VfsFile;
use std::io::{self, Read};

/// How much is read at once, in bytes.
const CHUNK_BYTES: u64 = 64 * 1024;

/// Writes the copy that follows in the stream to `file` and forces it to disk. `progress` gets the bytes written so far;
/// when it returns false, the copy is called off.
pub fn store<R: Read>(
    reader: &mut R,
    extent: &Extent,
    file: &mut dyn VfsFile,
    mut progress: impl FnMut(u64) -> bool,
) -> io::Result<()> {
    let mut left = if let Extent::Length(bytes) = extent { *bytes } else { u64::MAX };
    let mut chunk = vec![0; CHUNK_BYTES as usize];
    let (mut written, mut kept) = (0, 0);
    while left > 0 {
        // What may be part of the mark stays in front until more has come.
        let most = left.min(CHUNK_BYTES - kept as u64) as usize;
        let read = reader.read(&mut chunk[kept..kept + most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = kept + read;
        let held = match extent {
            Extent::Length(_) => {
                left -= read as u64;
                0
            }
            Extent::Mark(mark) if chunk[..end].ends_with(mark) => {
                left = 0;
                MARK_LEN
            }
            Extent::Mark(_) => MARK_LEN.min(end),
        };
        file.write_all(&chunk[..end - held])?;
        chunk.copy_within(end - held..end, 0);
        kept = held;
        written += (end - held) as u64;
        if !progress(written) {
            return Err(io::Error::other("the order to follow was withdrawn"));
        }
    }
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;
    use log::vfs::{MemoryVfs, Vfs};
    use std::path::Path;

    /// Gives so many bytes at a time.
    struct Dribble<'a>(&'a [u8], usize);

    impl Read for Dribble<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let most = out.len().min(self.1);
            self.0.read(&mut out[..most])
        }
    }

    fn stored(bytes: &[u8], step: usize, extent: &Extent) -> io::Result<Vec<u8>> {
        let disk = MemoryVfs::new();
        disk.create_dir(Path::new("/data"))?;
        let path = Path::new("/data/copy.rdb");
        let mut file = disk.create(path)?;
        store(&mut Dribble(bytes, step), extent, &mut *file, |_| true)?;
        let mut content = Vec::new();
        disk.open_read(path)?.read_to_end(&mut content)?;
        Ok(content)
    }

    #[test]
    fn by_length_and_by_mark_however_it_comes() {
        let payload: Vec<u8> = (0..150_000u32).map(|number| (number % 251) as u8).collect();
        let mark = *b"0123456789abcdef0123456789abcdef01234567";
        let marked = [payload.as_slice(), &mark].concat();
        for step in [1, 39, 41, 1000, 65_536, 1 << 20] {
            let length = Extent::Length(payload.len() as u64);
            assert_eq!(stored(&payload, step, &length).expect("stored"), payload, "{step}");
            assert_eq!(stored(&marked, step, &Extent::Mark(mark)).expect("stored"), payload, "{step}");
            assert!(stored(&payload, step, &Extent::Mark(mark)).is_err(), "no mark, {step}");
            assert!(stored(&payload[1..], step, &length).is_err(), "cut short, {step}");
        }
    }

    #[test]
    fn what_follows_a_length_is_left_in_the_stream() {
        let disk = MemoryVfs::new();
        disk.create_dir(Path::new("/data")).expect("created");
        let mut file = disk.create(Path::new("/data/copy.rdb")).expect("created");
        let mut reader = b"copystream".as_slice();
        store(&mut reader, &Extent::Length(4), &mut *file, |_| true).expect("stored");
        assert_eq!(reader, b"stream");
        assert!(store(&mut reader, &Extent::Length(4), &mut *file, |_| false).is_err(), "called off");
    }
}
