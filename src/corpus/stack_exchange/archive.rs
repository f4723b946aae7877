//! 7z archives, as the Internet Archive serves dumps, read as a stream.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use sevenz_rust2::{Archive, ArchiveReader, Error, Password};

/// The first bytes of every archive.
const MAGIC: [u8; 6] = [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c];

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

/// Returns whether a file begins as archives do.
pub(in crate::corpus) fn is_archive(path: &Path) -> io::Result<bool> {
    let mut magic = Vec::new();
    File::open(path)?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut magic)?;
    Ok(magic == MAGIC)
}

/// Returns whether an archive holds a table of posts, by its list of names.
pub(in crate::corpus) fn holds_posts(path: &Path) -> io::Result<bool> {
    let archive = Archive::open(path).map_err(io::Error::other)?;
    Ok(archive.files.iter().any(|entry| {
        let name = entry.name.rsplit(['/', '\\']).next().unwrap_or_default();
        name.to_lowercase().contains("posts") && name.to_lowercase().ends_with(".xml")
    }))
}

/// Gives every XML file of an archive to a function, with its path inside, `/` between steps. The function reads it to its
/// end. Holds what the compression needs to look back at, and no file.
pub(super) fn read(
    archive: impl Read + Seek,
    each: &mut dyn FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<(), Failure> {
    let failed = |error: Error| Failure::Archive(io::Error::other(error));
    let mut reader = ArchiveReader::new(archive, Password::empty()).map_err(failed)?;
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
