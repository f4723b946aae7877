//! The folder of a generation while it is written.
//!
//! The engine maps what it reads, and a merge reads every segment from one end to the other: then the whole index counts
//! as memory of the build. Here files are read piece by piece instead, so that a merge holds a little of each; only
//! dictionaries are mapped, which are searched as a whole.
//!
//! The engine also waits for the disk after every file, and most are merged away. Here it does not:
//! [`super::generation::files`] does when a generation is complete, and nobody reads it before.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes,
    TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
};

/// How much is read at once of what is read in small pieces. A merge holds one or two of these of each segment.
const PIECE_BYTES: usize = 128 << 10;

/// How much is written at once: the engine hands over a sixteenth of it.
const WRITTEN_BYTES: usize = 128 << 10;

/// A folder of the engine's files for whoever writes them.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
    inner: MmapDirectory,
}

impl Folder {
    pub(super) fn open(path: &Path) -> tantivy::Result<Self> {
        Ok(Folder {
            path: path.to_owned(),
            inner: MmapDirectory::open(path)?,
        })
    }
}

impl Directory for Folder {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        if path
            .extension()
            .is_some_and(|extension| extension == "term")
        {
            return self.inner.get_file_handle(path);
        }
        let full = self.path.join(path);
        let bytes = fs::metadata(&full).map(|metadata| metadata.len());
        let bytes = bytes.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_owned()),
            _ => OpenReadError::wrap_io_error(error, path.to_owned()),
        })?;
        let bytes = usize::try_from(bytes).map_err(|error| {
            OpenReadError::wrap_io_error(io::Error::other(error), path.to_owned())
        })?;
        Ok(Arc::new(ReadFile {
            path: full,
            bytes,
            piece: Mutex::new((0, OwnedBytes::empty())),
        }))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let mut options = File::options();
        let file = options.write(true).create_new(true);
        let file = file.open(self.path.join(path));
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.to_owned()),
            _ => OpenWriteError::wrap_io_error(error, path.to_owned()),
        })?;
        let written = WrittenFile(BufWriter::with_capacity(WRITTEN_BYTES, file));
        Ok(BufWriter::new(Box::new(written)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.inner.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let path = self.path.join(path);
        let beside = path.with_extension("new");
        fs::write(&beside, data)?;
        fs::rename(&beside, &path)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.inner.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.inner.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(callback)
    }
}

/// A file that is written, and not waited for.
struct WrittenFile(BufWriter<File>);

impl Write for WrittenFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl TerminatingWrite for WrittenFile {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.0.flush()
    }
}

/// A file that is read. It is open only meanwhile: a large build has more files than some systems let a process open.
#[derive(Debug)]
struct ReadFile {
    path: PathBuf,
    bytes: usize,
    /// The piece that was read last, and where it begins. A merge reads on where it stopped.
    piece: Mutex<(usize, OwnedBytes)>,
}

impl ReadFile {
    fn read(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(range.start as u64))?;
        let mut bytes = Vec::with_capacity(range.len());
        file.take(range.len() as u64).read_to_end(&mut bytes)?;
        if bytes.len() < range.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(OwnedBytes::new(bytes))
    }
}

impl FileHandle for ReadFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.len() > PIECE_BYTES {
            return self.read(range);
        }
        let mut piece = self.piece.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, bytes) = &*piece;
        if range.start < *start || range.end > start + bytes.len() {
            let end = self.bytes.min(range.start + PIECE_BYTES).max(range.end);
            *piece = (range.start, self.read(range.start..end)?);
        }
        let (start, bytes) = &*piece;
        Ok(bytes.slice(range.start - start..range.end - start))
    }
}

impl HasLen for ReadFile {
    fn len(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for (name, bytes) in files {
            fs::write(dir.path().join(name), bytes).expect("is written");
        }
        let folder = Folder::open(dir.path()).expect("it is there");
        (dir, folder)
    }

    fn bytes(count: usize) -> Vec<u8> {
        (0..count).map(|place| (place * 7 / 3) as u8).collect()
    }

    proptest! {
        #[test]
        fn any_range_is_read_as_it_stands_in_the_file(
            ranges in prop::collection::vec((0..=3 * PIECE_BYTES, 0..=2 * PIECE_BYTES), 1..20),
        ) {
            let written = bytes(3 * PIECE_BYTES + 5);
            let (_dir, folder) = folder(&[("a", &written)]);
            let file = folder.open_read(Path::new("a")).expect("it is there");
            prop_assert_eq!(file.len(), written.len());
            // What was read must stay when the file reads on.
            let mut read = Vec::new();
            for (start, length) in ranges {
                let range = start..written.len().min(start + length);
                let bytes = file.read_bytes_slice(range.clone()).expect("is read");
                read.push((range, bytes));
            }
            for (range, bytes) in read {
                prop_assert!(bytes.as_slice() == &written[range.clone()], "{range:?}");
            }
        }
    }

    #[test]
    fn what_lies_side_by_side_is_read_once() {
        let written = bytes(2 * PIECE_BYTES);
        let (dir, folder) = folder(&[("a", &written)]);
        let file = folder.open_read(Path::new("a")).expect("it is there");
        let first = file.read_bytes_slice(0..1).expect("is read");
        fs::remove_file(dir.path().join("a")).expect("is removed");
        let rest = file.read_bytes_slice(1..PIECE_BYTES).expect("was read");
        assert_eq!([first.as_slice(), &rest].concat(), &written[..PIECE_BYTES]);
        // It does not pretend that the rest is there.
        assert!(file.read_bytes_slice(0..PIECE_BYTES + 1).is_err());
    }

    #[test]
    fn what_is_written_is_there_when_it_is_closed() {
        let (_dir, folder) = folder(&[]);
        let written = bytes(2 * WRITTEN_BYTES + 3);
        let mut file = folder.open_write(Path::new("a")).expect("it is new");
        file.write_all(&written).expect("is written");
        file.terminate().expect("is closed");
        let read = folder.open_read(Path::new("a")).expect("it is there");
        assert_eq!(read.read_bytes().expect("is read").as_slice(), written);
        let again = folder.open_write(Path::new("a"));
        assert!(matches!(again, Err(OpenWriteError::FileAlreadyExists(_))));
        for text in ["one", "another"] {
            let path = Path::new("b.json");
            folder.atomic_write(path, text.as_bytes()).expect("fits");
            assert_eq!(folder.atomic_read(path).expect("reads"), text.as_bytes());
        }
    }

    #[test]
    fn a_file_that_is_missing_or_was_cut_is_an_error() {
        let (dir, folder) = folder(&[("a", b"abc")]);
        let missing = folder.open_read(Path::new("b"));
        assert!(matches!(missing, Err(OpenReadError::FileDoesNotExist(_))));
        let file = folder.open_read(Path::new("a")).expect("it is there");
        fs::write(dir.path().join("a"), b"ab").expect("is written");
        let error = file.read_bytes().expect_err("a byte is gone");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
