//! What real payloads become, where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

use super::tests::read_file;
use super::*;
use crate::entry::Difficulty;

fn data() -> Option<PathBuf> {
    let Some(data) = std::env::var_os("QDEX_TEST_DATA") else {
        println!("skipped: `QDEX_TEST_DATA` names no folder of test data");
        return None;
    };
    Some(Path::new(&data).join("native/nuxt"))
}

#[test]
fn the_first_page_gives_its_six_questions() {
    let Some(data) = data() else { return };
    let text = fs::read_to_string(data.join("seed/_payload.json")).expect("the seed");
    assert!(looks_like_payload(&text));
    let (entries, problems) = read_file("python/internals/_payload.json", &text, true);
    assert_eq!(problems, []);
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let page = "python/internals/garbage-collection";
    assert_eq!(ids.len(), 6);
    assert!(
        ids.contains(&format!("{page}#weak-references").as_str()),
        "{ids:?}"
    );
    for (difficulty, count) in [(Difficulty::Medium, 2), (Difficulty::Hard, 4)] {
        let found = entries
            .iter()
            .filter(|entry| entry.difficulty == Some(difficulty));
        assert_eq!(found.count(), count, "{difficulty}");
    }
    for entry in &entries {
        let siblings = &entry.page.as_ref().expect("stands on a page").siblings;
        assert_eq!(siblings.len(), 3);
        assert!(siblings.iter().all(|link| !link.title.is_empty()));
        assert_eq!(
            entry.url.as_deref(),
            Some(format!("/{}", entry.id).as_str())
        );
        assert!(!entry.answers[0].blocks.is_empty());
    }
}

#[test]
fn real_payloads_are_read_without_a_problem() {
    let Some(data) = data() else { return };
    let sites = fs::read_dir(data.join("real")).expect("the folder of real payloads");
    let (mut files, mut sections) = (0, 0);
    for site in sites {
        let site = site.expect("a folder").path();
        for path in fs::read_dir(&site).expect("a folder") {
            let path = path.expect("a file").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text = fs::read_to_string(&path).expect("a text");
            if name.ends_with(".html") {
                // One page has lost its payload with everything else.
                assert_eq!(
                    has_inline_payload(&text),
                    text.contains("__NUXT_DATA__\""),
                    "{name}"
                );
            } else {
                assert!(looks_like_payload(&text), "{}", path.display());
            }
            let (entries, problems) = read_file(&name, &text, false);
            assert_eq!(
                (entries, problems),
                (Vec::new(), Vec::new()),
                "{}",
                path.display()
            );
            let (entries, problems) = read_file(&name, &text, true);
            assert_eq!(problems, [], "{}", path.display());
            for entry in &entries {
                assert!(
                    !entry.title.is_empty() && !entry.answers[0].blocks.is_empty(),
                    "{entry:?}"
                );
            }
            files += 1;
            sections += entries.len();
        }
    }
    println!("{files} files, {sections} sections");
    assert!(sections > 100, "{sections}");
}
