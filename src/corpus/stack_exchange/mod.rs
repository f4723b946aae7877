//! Dumps of Stack Exchange sites: `Posts.xml` and the tables beside it.
//!
//! Questions and answers stand in one table in the order of their ids, so that a question's answers may be gigabytes
//! away. The rows are sorted by question, outside of memory where they do not fit ([`sorter`]), and then joined.

mod archive;
mod dump;
mod file_list;
mod join;
mod posts;
mod rows;
mod sorter;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{ReadOptions, text};
pub(super) use archive::{begins as begins_as_archive, holds_posts};
pub(super) use dump::Dump;
pub(super) use join::LeftOut;
use join::{Join, Spill};
use posts::Site;
use rows::Row;

/// The tables of a dump that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Posts,
    PostLinks,
    Comments,
    Users,
    Tags,
}

impl Table {
    /// Tables beside the posts, by the names of their files.
    const BESIDE: [(Table, &'static str); 4] = [
        (Table::PostLinks, "PostLinks"),
        (Table::Comments, "Comments"),
        (Table::Users, "Users"),
        (Table::Tags, "Tags"),
    ];

    /// Returns which table a file is, by its first row; `None` when it is none that is read.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let head = text::without_bom(head).trim_ascii_start();
        if !head.starts_with(b"<") {
            return None;
        }
        let row = rows::Rows::new(head).next().ok()??;
        let row = row.text.ok()?;
        let row = Row::parse(&row).ok()?;
        let has = |name| row.has(name);
        if has("PostTypeId") {
            Some(Table::Posts)
        } else if has("PostId") && has("RelatedPostId") {
            Some(Table::PostLinks)
        } else if has("PostId") && has("Text") {
            // The table of revisions has texts too, but those have types.
            (!has("PostHistoryTypeId")).then_some(Table::Comments)
        } else if has("Reputation") && has("DisplayName") {
            Some(Table::Users)
        } else if has("TagName") && has("Count") {
            Some(Table::Tags)
        } else {
            None
        }
    }
}

/// How much memory sorting may use; what is beyond goes to files.
const BUDGET_BYTES: usize = 64 << 20;

/// The buffer that tables are read through.
const BUFFER_BYTES: usize = 256 << 10;

/// Returns the dumps whose posts stand in a file, joined with the tables beside it; an archive may hold several sites.
/// Tells how many bytes of the file were read, which takes long for a large one.
pub(super) fn open(
    posts: &Path,
    options: &ReadOptions,
    read: &dyn Fn(u64),
) -> io::Result<Vec<Dump>> {
    let mut sites = Sites::new(posts, options);
    for (place, path) in files(posts).into_iter().enumerate() {
        sites.read_file(&path, if place == 0 { read } else { &|_| () })?;
    }
    sites.finish()
}

/// Returns the dump whose posts come as a stream.
pub(super) fn open_stream(
    path: &str,
    reader: impl BufRead,
    options: &ReadOptions,
) -> io::Result<Vec<Dump>> {
    let mut sites = Sites::new(Path::new(path), options);
    sites.read_table(Table::Posts, "", path, reader)?;
    sites.finish()
}

/// Returns the posts of the dump that a table belongs to, where they stand beside it.
pub(super) fn posts_beside(companion: &Path) -> Option<PathBuf> {
    let name = companion.file_name()?.to_str()?;
    let (_, table) = Table::BESIDE
        .iter()
        .find(|(_, table)| name.contains(table))?;
    let posts = companion.with_file_name(name.replace(table, "Posts"));
    posts.is_file().then_some(posts)
}

/// Returns the tables of a dump, the posts first. `site-Posts.7z` goes with `site-PostLinks.7z`.
fn files(posts: &Path) -> Vec<PathBuf> {
    let mut files = vec![posts.to_owned()];
    let name = posts.file_name().and_then(|name| name.to_str());
    let extension = match archive::is_named_so(posts) {
        true => "7z",
        false => "xml",
    };
    let prefix = match name.and_then(|name| name.split_once("Posts")) {
        Some((prefix, _)) => prefix,
        // An archive of a whole site has its tables inside.
        None if extension == "7z" => return files,
        None => "",
    };
    for (_, name) in Table::BESIDE {
        let path = posts.with_file_name(format!("{prefix}{name}.{extension}"));
        if path.is_file() {
            files.push(path);
        }
    }
    files
}

/// The joins of the sites in a dump, by the folder inside its archive.
struct Sites<'a> {
    posts: &'a Path,
    options: &'a ReadOptions,
    joins: BTreeMap<String, Join>,
}

impl<'a> Sites<'a> {
    fn new(posts: &'a Path, options: &'a ReadOptions) -> Self {
        Sites {
            posts,
            options,
            joins: BTreeMap::new(),
        }
    }

    fn read_file(&mut self, path: &Path, read: &dyn Fn(u64)) -> io::Result<()> {
        let name = super::walk::written(path.as_os_str());
        let file = Counting {
            inner: File::open(path)?,
            bytes: 0,
            read,
        };
        if !archive::is_archive(path)? {
            let mut reader = BufReader::with_capacity(BUFFER_BYTES, file);
            // The first row of a companion says what it is, as that of the posts did.
            let table = Table::of(reader.fill_buf()?);
            return match table {
                Some(table) => self.read_table(table, "", &name, reader),
                None => Ok(()),
            };
        }
        let read = archive::read(file, &mut |entry, reader| {
            let mut reader = BufReader::with_capacity(BUFFER_BYTES, reader);
            let folder = entry.rsplit_once('/').map_or("", |(folder, _)| folder);
            match Table::of(reader.fill_buf()?) {
                Some(table) => self.read_table(table, folder, &format!("{name}/{entry}"), reader),
                // What is compressed together is read to its end.
                None => io::copy(&mut reader, &mut io::sink()).map(|_| ()),
            }
        });
        match (read, self.joins.values_mut().next()) {
            // What could be read of a damaged archive is joined.
            (Err(archive::Failure::Archive(error)), Some(join)) => {
                join.problem(&name, None, &format!("cannot read on: {error}"))
            }
            (Err(archive::Failure::Archive(error)), None) => Err(error),
            (Err(archive::Failure::Table(error)), _) => Err(error),
            (Ok(()), _) => Ok(()),
        }
    }

    fn read_table(
        &mut self,
        table: Table,
        folder: &str,
        path: &str,
        reader: impl BufRead,
    ) -> io::Result<()> {
        let join = self.joins.entry(folder.to_owned()).or_insert_with(|| {
            let spill = self.options.spill.clone().map(|dir| Spill {
                dir,
                budget_bytes: BUDGET_BYTES,
            });
            Join::new(spill, self.options.choice.clone())
        });
        let read = join.read(table, path, reader);
        read.map_err(|error| match &self.options.spill {
            Some(dir) => {
                let message = format!("sorting it in `{}` failed: {error}", dir.display());
                io::Error::new(error.kind(), message)
            }
            None => error,
        })
    }

    fn finish(self) -> io::Result<Vec<Dump>> {
        let mut dumps = Vec::new();
        for (folder, join) in self.joins {
            let site = match (&self.options.site, folder.rsplit('/').next()) {
                (Some(site), _) => Site::named(site),
                (None, Some(folder)) if !folder.is_empty() => Site::named(folder),
                _ => Site::of(self.posts),
            };
            dumps.push(join.finish(site)?);
        }
        Ok(dumps)
    }
}

/// Tells how many bytes were read.
struct Counting<'a, R> {
    inner: R,
    bytes: u64,
    read: &'a dyn Fn(u64),
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        (self.read)(self.bytes);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counting<'_, R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.inner.seek(position)
    }
}
