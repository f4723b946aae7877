//! Dumps of Stack Exchange sites: `Posts.xml` and the tables beside it.
//!
//! Questions and answers stand in one table in the order of their ids, so that a question's answers may be gigabytes
//! away. The rows are sorted by question, outside of memory where they do not fit ([`sorter`]), and then joined.

mod join;
mod posts;
mod rows;
mod sorter;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::{ReadOptions, text};
pub(super) use join::Dump;
use join::{Join, Spill};
use posts::Site;
use rows::Row;

/// The tables of a dump that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Posts,
    PostLinks,
}

impl Table {
    /// Tables beside the posts, by the names of their files.
    const BESIDE: [(Table, &'static str); 1] = [(Table::PostLinks, "PostLinks")];

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
        } else {
            None
        }
    }
}

/// How much memory sorting may use; what is beyond goes to files.
const BUDGET_BYTES: usize = 64 << 20;

/// Returns the entries of a dump whose posts stand in a file, and in which files their companions are found.
pub(super) fn open(posts: &Path, options: &ReadOptions) -> std::io::Result<Dump> {
    let spill = options.spill.clone().map(|dir| Spill {
        dir,
        budget_bytes: BUDGET_BYTES,
    });
    let mut join = Join::new(spill, options.choice.clone());
    for (table, path) in files(posts) {
        let reader = BufReader::with_capacity(1 << 18, File::open(&path)?);
        join.read(table, &path.to_string_lossy(), reader)?;
    }
    join.finish(Site::of(posts), posts.to_string_lossy().into_owned())
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

/// Returns the tables of a dump, the posts first. `site-Posts.xml` goes with `site-PostLinks.xml`.
fn files(posts: &Path) -> Vec<(Table, PathBuf)> {
    let mut files = vec![(Table::Posts, posts.to_owned())];
    let name = posts.file_name().and_then(|name| name.to_str());
    let prefix = name.and_then(|name| Some(name.split_once("Posts")?.0));
    for (table, name) in Table::BESIDE {
        let path = posts.with_file_name(format!("{}{name}.xml", prefix.unwrap_or_default()));
        if path.is_file() {
            files.push((table, path));
        }
    }
    files
}
