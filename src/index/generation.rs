//! Generations on disk: locked, linked from one another, swapped in, removed.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::Path;

use super::entries::TABLE_FILE;
use super::{EngineFile, GENERATION_PREFIX, META_FILE, Meta};
use crate::error::{Error, Result};

/// The file whose lock a build holds.
const LOCK_FILE: &str = ".lock";
/// Where the next meta file is written before it replaces the one that is there.
const NEW_META_FILE: &str = "qdex.json.new";

/// The lock of a folder, held until it goes.
///
/// It is let go of, and not only closed: a process that another thread is starting has the file for a moment, too.
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file unlocks it where this fails.
        let _ = self.0.unlock();
    }
}

/// Takes the build lock of a folder, and removes what interrupted builds left. The folder is created if it is missing.
pub(super) fn lock(dir: &Path) -> Result<Lock> {
    fs::create_dir_all(dir).map_err(|source| Error::Io {
        action: "create",
        path: dir.to_owned(),
        source,
    })?;
    let path = dir.join(LOCK_FILE);
    let failed = |source| Error::Io {
        action: "lock",
        path: path.clone(),
        source,
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::IndexLocked {
                path: dir.to_owned(),
            });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    // A meta file of another version, or a broken one, still says which generation readers may be using.
    remove_all_but(dir, current(dir));
    let _ = fs::remove_file(dir.join(NEW_META_FILE));
    Ok(Lock(file))
}

/// Creates the folder of the next generation and returns its number.
pub(super) fn create_next(dir: &Path) -> Result<u64> {
    // Only a meta file that someone wrote by hand names the last number; the folder of the first is free then.
    let generation = current(dir).map_or(1, |former| former.checked_add(1).unwrap_or(1));
    let path = Meta::generation_dir(dir, generation);
    fs::create_dir_all(&path).map_err(|source| Error::Io {
        action: "create",
        path,
        source,
    })?;
    Ok(generation)
}

/// Fails when a file of a generation is not as it was written: an update must not hand damage on. Reads every byte.
pub(super) fn verify(dir: &Path, meta: &Meta) -> Result<()> {
    let generation = Meta::generation_dir(dir, meta.generation);
    for (name, expected) in &meta.files {
        let found = super::checksum(&generation.join(name));
        if !found.as_ref().is_ok_and(|found| found == expected) {
            return Err(Error::IndexDamaged {
                path: dir.to_owned(),
                what: format!("`{name}` is not as it was written"),
            });
        }
    }
    Ok(())
}

/// Puts the files of one generation into the folder of another. The engine never writes into a file that is there: most are
/// the same file under two names; those that it replaces are copied, and all where the file system has no links.
pub(super) fn link(dir: &Path, former: &Meta, generation: u64) -> Result<()> {
    let from = Meta::generation_dir(dir, former.generation);
    let to = Meta::generation_dir(dir, generation);
    for name in former.files.keys() {
        if name == TABLE_FILE {
            // An update writes it from memory.
            continue;
        }
        let (from, to) = (from.join(name), to.join(name));
        let is_linked = !is_replaced(name) && fs::hard_link(&from, &to).is_ok();
        if !is_linked {
            fs::copy(&from, &to).map_err(|source| Error::Io {
                action: "copy",
                path: from,
                source,
            })?;
        }
    }
    Ok(())
}

/// Returns whether a file of a generation is written anew by every update.
fn is_replaced(name: &str) -> bool {
    name.ends_with(".json") || name == TABLE_FILE
}

/// Returns the files of a generation with their checksums, once they are on the disk to stay. What was linked from a former
/// one is not read again.
pub(super) fn files(
    dir: &Path,
    generation: u64,
    former: Option<&Meta>,
) -> Result<BTreeMap<String, EngineFile>> {
    let dir = Meta::generation_dir(dir, generation);
    let read = |source: io::Error| Error::Io {
        action: "read",
        path: dir.clone(),
        source,
    };
    let written = |source: io::Error| Error::Io {
        action: "write",
        path: dir.clone(),
        source,
    };
    let mut files = BTreeMap::new();
    for file in fs::read_dir(&dir).map_err(read)? {
        let file = file.map_err(read)?;
        let name = file.file_name().to_string_lossy().into_owned();
        // Its locks are empty, and may come and go.
        if name.ends_with(".lock") {
            continue;
        }
        let known = former.filter(|_| !is_replaced(&name));
        let known = known.and_then(|former| former.files.get(&name)).cloned();
        let described = match known {
            Some(known) => known,
            None => super::checksum(&file.path()).map_err(read)?,
        };
        sync(&file.path()).map_err(written)?;
        files.insert(name, described);
    }
    sync_folder(&dir);
    Ok(files)
}

/// Waits until what was written of a file is on the disk.
fn sync(path: &Path) -> io::Result<()> {
    // Windows only does so for who may write.
    let mut options = File::options();
    options.read(true).write(cfg!(windows));
    options.open(path)?.sync_all()
}

/// Waits until the names in a folder are on the disk; not every system can.
fn sync_folder(dir: &Path) {
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
}

/// Makes a generation the index, by one rename.
pub(super) fn swap_in(dir: &Path, meta: &Meta) -> Result<()> {
    let target = dir.join(META_FILE);
    let beside = dir.join(NEW_META_FILE);
    let json = meta.clone().written();
    let write = || -> io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(&json)?;
        file.sync_all()?;
        fs::rename(&beside, &target)?;
        // The rename itself must survive a power cut.
        sync_folder(dir);
        Ok(())
    };
    write().map_err(|source| Error::Io {
        action: "write",
        path: target.clone(),
        source,
    })
}

/// Returns the generation that the meta file names, whatever else the file says.
pub(super) fn current(dir: &Path) -> Option<u64> {
    let json = fs::read(dir.join(META_FILE)).ok()?;
    serde_json::from_slice::<serde_json::Value>(&json)
        .ok()?
        .get("generation")?
        .as_u64()
}

/// Removes every generation but one. A file that cannot be removed stays for the next build.
pub(super) fn remove_all_but(dir: &Path, keep: Option<u64>) {
    for file in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = file.file_name();
        let generation = name
            .to_str()
            .and_then(|name| name.strip_prefix(GENERATION_PREFIX)?.parse::<u64>().ok());
        if generation.is_some() && generation != keep {
            let _ = fs::remove_dir_all(file.path()).or_else(|_| fs::remove_file(file.path()));
        }
    }
}
