//! Fixtures of the format and what the reference library makes of real payloads, where they are at hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::agreement::{agrees, at};
use super::{parse, revive};

/// Returns the folder of Nuxt's test data; `None`, saying so, when no test data is at hand.
fn data() -> Option<PathBuf> {
    let Some(data) = std::env::var_os("QDEX_TEST_DATA") else {
        println!("skipped: `QDEX_TEST_DATA` names no folder of test data");
        return None;
    };
    Some(Path::new(&data).join("native/nuxt"))
}

fn read_json(path: &Path) -> Json {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

/// Returns how a fixture passes, or why it does not.
fn outcome(fixture: &Json) -> Result<&'static str, String> {
    let payload = fixture["payload"].as_str().expect("a payload");
    let tags = fixture["revivers"].as_array().into_iter().flatten();
    let tags: Vec<&str> = tags.filter_map(Json::as_str).collect();
    let may = |what: &str| fixture[format!("implementation_may_{what}")] == Json::Bool(true);
    let is_error = !fixture["error"].is_null() || fixture["expected"] == "error";
    let document = match revive::revive(payload, &tags) {
        Err(_) if is_error => return Ok("as expected"),
        Err(_) if may("reject") => return Ok("refused, as it may be"),
        Err(error) => return Err(format!("refused: {error}")),
        Ok(document) => document,
    };
    if is_error {
        // What the newest version refuses may be an old version's way to write it.
        let old = fixture["other_versions"].as_object().into_iter().flatten();
        let mut old = old.filter_map(|(_, version)| version.get("expected"));
        if old.any(|expected| agrees(&document, expected, true)) {
            return Ok("as an old version wrote it");
        }
        return match may("accept") {
            true => Ok("read, as it may be"),
            false => Err(format!("read as {:?}", document.get(document.root()))),
        };
    }
    // A fixture that expects no particular value only wants to be read.
    let expected = fixture.get("expected");
    if !expected.is_none_or(|expected| agrees(&document, expected, true)) {
        return Err(format!("read as {:?}", document.get(document.root())));
    }
    for pair in fixture["same_object"].as_array().into_iter().flatten() {
        let [one, other] = [&pair[0], &pair[1]].map(|path| at(&document, path.as_str()?));
        if one.is_none() || one != other {
            return Err(format!("{pair} are not the same object"));
        }
    }
    Ok("as expected")
}

#[test]
fn fixtures_are_read_as_the_reference_library_reads_them() {
    let Some(data) = data() else { return };
    let mut outcomes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut failures = Vec::new();
    for path in files(&data.join("conformance")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        match outcome(&read_json(&path)) {
            Ok(how) => outcomes.entry(how).or_default().push(name.into_owned()),
            Err(why) => failures.push(format!("{name}: {why:.300}")),
        }
    }
    for (how, names) in &outcomes {
        let names = if *how == "as expected" {
            &[][..]
        } else {
            names
        };
        println!("{how}: {} {}", outcomes[how].len(), names.join(" "));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn real_payloads_are_read_as_the_reference_library_reads_them() {
    let Some(data) = data() else { return };
    let mut compared = 0;
    let mut compare = |payload: &Path, revived: &Path| {
        let text = fs::read_to_string(payload).expect("a payload");
        let document = parse(&text).unwrap_or_else(|e| panic!("{}: {e}", payload.display()));
        assert_eq!(document.warnings, [""; 0], "{}", payload.display());
        let agrees = agrees(&document, &read_json(revived), false);
        assert!(agrees, "{} is not as expected", payload.display());
        compared += 1;
    };
    let seed = data.join("seed");
    compare(&seed.join("_payload.json"), &seed.join("revived.json"));
    for revived in files(&data.join("real-revived")) {
        let name = revived
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let (site, file) = name.split_once("__").expect("a site and a file");
        // Names in `real` do not start with a dot.
        let file = file
            .strip_prefix('.')
            .map_or(file.to_owned(), |rest| format!("dot.{rest}"));
        let payload = data.join("real").join(site).join(file);
        if payload.exists() {
            compare(&payload, &revived);
        }
    }
    println!("compared {compared}");
}
