//! 7z archives, as the Internet Archive serves dumps, read as a stream.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use sevenz_rust2::{Archive, ArchiveReader, Error, Password};

use super::file_list;

/// The first bytes of every archive.
const MAGIC: [u8; 6] = [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c];

/// How many bytes the header at the beginning has, which says where the list of files is.
pub(super) const START_BYTES: usize = 32;

/// Why an archive was not read to its end.
pub(super) enum Failure {
    /// It is damaged, or compressed in a way that is not known.
    Archive(io::Error),
    /// What was read could not be kept.
    Table(io::Error),
}

/// Returns whether a file's name says that it is an archive.
pub(super) fn is_named_so(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("7z"))
}

/// Returns whether a file with this beginning is an archive.
pub(in crate::corpus) fn begins(head: &[u8]) -> bool {
    head.starts_with(&MAGIC)
}

/// Returns whether a file begins as archives do.
pub(super) fn is_archive(path: &Path) -> io::Result<bool> {
    let mut magic = Vec::new();
    File::open(path)?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut magic)?;
    Ok(begins(&magic))
}

/// Returns whether an archive holds a table of posts, by its list of names.
pub(in crate::corpus) fn holds_posts(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let archive = opened(&mut file, |file| Archive::read(file, &Password::empty()))?;
    Ok(archive.files.iter().any(|entry| {
        let name = entry.name.rsplit(['/', '\\']).next().unwrap_or_default();
        name.to_lowercase().contains("posts") && name.to_lowercase().ends_with(".xml")
    }))
}

/// Gives every XML file of an archive to a function, with its path inside, `/` between steps. The function reads it to its
/// end. Holds what the compression needs to look back at, and no file.
pub(super) fn read(
    mut archive: impl Read + Seek,
    each: &mut dyn FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<(), Failure> {
    let failed = |error: Error| Failure::Archive(io::Error::other(error));
    let open = |archive| ArchiveReader::new(archive, Password::empty());
    let mut reader = opened(&mut archive, open).map_err(Failure::Archive)?;
    // Threads would each hold a part of the archive.
    reader.set_thread_count(1);
    let mut kept = Ok(());
    let read = reader.for_each_entries(|entry, file| {
        let path = entry.name.replace('\\', "/");
        if !path.to_lowercase().ends_with(".xml") {
            io::copy(file, &mut io::sink())?;
            return Ok(true);
        }
        kept = each(&path, file);
        if kept.is_ok() {
            // Of a file that broke off there may be a rest.
            io::copy(file, &mut io::sink())?;
        }
        Ok(kept.is_ok())
    });
    kept.map_err(Failure::Table)?;
    read.map_err(failed)
}

/// Opens an archive, whose file may say anything: where its numbers contradict each other, the library may still panic.
fn opened<'a, A: Read + Seek, T>(
    archive: &'a mut A,
    open: impl FnOnce(&'a mut A) -> Result<T, Error>,
) -> io::Result<T> {
    check_start(archive)?;
    let opened = catch_unwind(AssertUnwindSafe(|| open(archive)));
    let contradicts = |_| Err(invalid("its list of files contradicts itself"));
    opened.map_or_else(contradicts, |opened| opened.map_err(io::Error::other))
}

/// Checks that the list of files is where the header at the beginning says, and what it states; goes back to the beginning.
fn check_start(archive: &mut (impl Read + Seek)) -> io::Result<()> {
    let bytes = archive.seek(SeekFrom::End(0))?;
    archive.rewind()?;
    let mut start = [0; START_BYTES];
    archive
        .read_exact(&mut start)
        .map_err(|_| invalid("it breaks off"))?;
    let (before, places) = start.split_at(12);
    if !before.ends_with(&crc32fast::hash(places).to_le_bytes()) {
        return Err(invalid("its beginning has another checksum than it states"));
    }
    let number = |at: usize| {
        let bytes = places[at..].iter().take(8).rev();
        bytes.fold(0, |number: u64, byte| number << 8 | u64::from(*byte))
    };
    let list = number(0)
        .checked_add(START_BYTES as u64)
        .and_then(|start| Some(start..start.checked_add(number(8))?));
    let list = list.filter(|list| list.end <= bytes);
    let list =
        list.ok_or_else(|| invalid("its list of files is not in the file; it breaks off"))?;
    file_list::check(archive, list)?;
    archive.rewind()
}

pub(super) fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
