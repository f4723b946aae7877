//! Rows of posts to questions and answers.

use std::collections::HashSet;
use std::path::Path;

use super::rows::Row;
use crate::body::{self, Block, ProseStyle};
use crate::corpus::beir;
use crate::entry::{Answer, Author, Entry, Format, Source};

/// The site that a dump is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    /// What its entries' ids begin with.
    pub(super) name: String,
    /// Whether the name is that of a host, so that its posts have addresses.
    pub(super) is_host: bool,
}

impl Site {
    /// Returns the site of a dump: it is named after its archive, else after its folder.
    pub(super) fn of(path: &Path) -> Self {
        let is_archive = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("7z"));
        let named = match is_archive {
            true => path.file_stem().map(ToOwned::to_owned),
            // `.` and `..` have names too.
            false => path
                .canonicalize()
                .ok()
                .and_then(|path| Some(path.parent()?.file_name()?.to_owned())),
        };
        let named = named.unwrap_or_default().to_string_lossy().into_owned();
        Site::named(named.strip_suffix("-Posts").unwrap_or(&named))
    }

    pub(super) fn named(name: &str) -> Self {
        let name = name.trim();
        let labels: Vec<_> = name.split('.').collect();
        let is_label = |label: &&str| {
            !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let top = labels.last().copied().unwrap_or_default();
        let is_host = labels.len() > 1
            && labels.iter().all(is_label)
            && top.len() > 1
            && top.chars().all(|c| c.is_ascii_alphabetic());
        Site {
            name: match name {
                "" => "posts".to_owned(),
                name if is_host => name.to_lowercase(),
                name => name.split_whitespace().collect::<Vec<_>>().join("-"),
            },
            is_host,
        }
    }

    /// Returns the id of a question's entry.
    pub(super) fn entry_id(&self, post: u64) -> String {
        format!("{}/{post}", self.name)
    }

    fn url(&self, folder: &str, id: impl std::fmt::Display) -> Option<String> {
        self.is_host
            .then(|| format!("https://{}/{folder}/{id}", self.name))
    }
}

/// Returns the tags of a question, in either spelling: `<a><b>` or `|a|b|`.
pub(super) fn tags(written: &str) -> impl Iterator<Item = &str> {
    written
        .split(['<', '>', '|'])
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
}

/// Returns the entry of a question, without its answers.
pub(super) fn question(row: &Row<'_>, site: &Site, source: Source) -> Result<Entry, String> {
    let id = row.id("Id")?;
    let body = row.text("Body")?.unwrap_or_default();
    let question = body::from_html(&body);
    let title = match row.text("Title")? {
        Some(title) if !title.trim().is_empty() => {
            title.split_whitespace().collect::<Vec<_>>().join(" ")
        }
        _ => question
            .iter()
            .find_map(|block| beir::first_words(block.text()))
            .ok_or("the question has neither a title nor a text")?,
    };
    let mut seen = HashSet::new();
    let names = tags(&row.text("Tags")?.unwrap_or_default())
        .map(str::to_owned)
        .filter(|tag| seen.insert(tag.clone()))
        .collect();
    let created = owned(row, "CreationDate")?;
    let updated = match owned(row, "LastActivityDate")? {
        None => owned(row, "LastEditDate")?,
        updated => updated,
    };
    Ok(Entry {
        id: site.entry_id(id),
        title,
        question,
        tags: names,
        score: row.number("Score")?,
        updated: updated.filter(|updated| Some(updated) != created.as_ref()),
        created,
        url: site.url("questions", id),
        author: author(row, site)?,
        license: owned(row, "ContentLicense")?,
        source: Source {
            format: Format::StackExchange,
            ..source
        },
        ..Entry::default()
    })
}

/// Returns an answer; `accepted` is the id of the one that its question accepts.
pub(super) fn answer(row: &Row<'_>, site: &Site, accepted: Option<u64>) -> Result<Answer, String> {
    let id = row.id("Id")?;
    Ok(Answer {
        id: Some(id.to_string()),
        blocks: body::from_html(&row.text("Body")?.unwrap_or_default()),
        score: row.number("Score")?,
        accepted: accepted == Some(id),
        created: owned(row, "CreationDate")?,
        url: site.url("a", id),
        author: author(row, site)?,
        license: owned(row, "ContentLicense")?,
    })
}

/// Returns the blocks of a comment, which ends with whoever wrote it.
pub(super) fn comment(row: &Row<'_>, name: Option<&str>) -> Result<Vec<Block>, String> {
    let mut blocks = body::from_markdown(&row.text("Text")?.unwrap_or_default());
    let name = match name {
        Some(name) => Some(name.to_owned()),
        None => name_or_number(row, "UserId", "UserDisplayName")?.map(|(name, _)| name),
    };
    for block in &mut blocks {
        if let Block::Prose(prose) = block {
            prose.style = ProseStyle::Comment;
        }
    }
    if let (Some(Block::Prose(last)), Some(name)) = (blocks.last_mut(), name) {
        last.text.push_str(" — ");
        last.text.push_str(&name);
    }
    Ok(blocks)
}

/// Returns who wrote a post; `None` where the dump does not say.
fn author(row: &Row<'_>, site: &Site) -> Result<Option<Author>, String> {
    let author = name_or_number(row, "OwnerUserId", "OwnerDisplayName")?;
    Ok(author.map(|(name, user)| Author {
        name,
        url: user.and_then(|user| site.url("users", user)),
    }))
}

/// Returns the number of whoever wrote a row that does not have the name.
pub(super) fn user(row: &Row<'_>, number: &str, name: &str) -> Result<Option<u64>, String> {
    Ok(match name_or_number(row, number, name)? {
        Some((_, user)) if !row.has(name) => user,
        _ => None,
    })
}

fn name_or_number(
    row: &Row<'_>,
    number: &str,
    name: &str,
) -> Result<Option<(String, Option<u64>)>, String> {
    let user: Option<i64> = row.number(number)?;
    // The site's own user, who owns what nobody does, has the number -1.
    let user = user
        .and_then(|user| u64::try_from(user).ok())
        .filter(|user| *user > 0);
    Ok(match (owned(row, name)?, user) {
        (Some(name), _) => Some((name, user)),
        // What the site calls users without a name.
        (None, Some(number)) => Some((format!("user{number}"), user)),
        (None, None) => None,
    })
}

fn owned(row: &Row<'_>, name: &str) -> Result<Option<String>, String> {
    Ok(row.text(name)?.map(|text| text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_after_its_archive_or_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path().join("Coffee.stackexchange.com");
        std::fs::create_dir(&site).expect("a folder");
        std::fs::write(site.join("Posts.xml"), "").expect("a file");
        for (path, name, is_host) in [
            (site.join("Posts.xml"), "coffee.stackexchange.com", true),
            (
                site.join("../Coffee.stackexchange.com/Posts.xml"),
                "coffee.stackexchange.com",
                true,
            ),
            (
                "x/stackoverflow.com-Posts.7z".into(),
                "stackoverflow.com",
                true,
            ),
            ("x/my dump.7z".into(), "my-dump", false),
            ("x/v1.2.7z".into(), "v1.2", false),
            ("/".into(), "posts", false),
        ] {
            let found = Site::of(&path);
            assert_eq!(
                (found.name.as_str(), found.is_host),
                (name, is_host),
                "{path:?}"
            );
        }
    }

    #[test]
    fn tags_have_two_spellings() {
        for written in ["<c++><.net>", "|c++|.net|", " |c++| .net |"] {
            assert_eq!(
                tags(written).collect::<Vec<_>>(),
                ["c++", ".net"],
                "{written}"
            );
        }
        assert_eq!(tags("").count(), 0);
    }
}
