//! `qdex index --watch`: updates whenever files change.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecursiveMode, Watcher};
use qdex::index::Source;

use super::index::Build;
use crate::Status;
use crate::report::{self, Failure};

/// How long nothing must change before an update begins: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(200);
/// An update begins after this time at the latest, however busy the folder is.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How often is looked whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Set by Ctrl-C.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Brings the index up to date now and whenever something changes, until Ctrl-C.
pub(super) fn run(build: &Build<'_>) -> Result<Status, Failure> {
    if build.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::Request {
            message: "a stream cannot be watched".to_owned(),
            hint: Some("name files and folders".to_owned()),
        });
    }
    let cannot = |path: &Path, error: &dyn std::fmt::Display| Failure::Request {
        message: format!("cannot watch `{}`: {error}", path.display()),
        hint: Some("run `qdex index` again when something has changed".to_owned()),
    };
    // Files change while the first update runs, too: the watch begins before it.
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event| {
        // Nobody listens any more when the program ends.
        let _ = sender.send(event);
    })
    .map_err(|error| cannot(build.index, &error))?;
    let mut watched: Vec<PathBuf> = build.paths.to_vec();
    for path in &watched {
        // What is not there is told as everywhere.
        Source::new(path, &build.read)?;
    }
    if watched.is_empty() {
        let sources = qdex::Index::known_sources(build.index).into_iter();
        watched.extend(sources.map(|source| source.absolute));
    }
    for path in &watched {
        // An editor replaces a file, and a watch of it would stay with the one that was there.
        let folder = path.parent().filter(|_| path.is_file());
        let (path, mode) = match folder {
            Some(folder) if folder.as_os_str().is_empty() => {
                (Path::new("."), RecursiveMode::NonRecursive)
            }
            Some(folder) => (folder, RecursiveMode::NonRecursive),
            None => (path.as_path(), RecursiveMode::Recursive),
        };
        watcher
            .watch(path, mode)
            .map_err(|error| cannot(path, &error))?;
    }
    // Another handler may be set by a pager that is not there now.
    let _ = ctrlc::set_handler(|| STOPPED.store(true, Ordering::Relaxed));
    let summary = build.run()?;
    summary.report();
    let index = std::fs::canonicalize(build.index).unwrap_or_else(|_| build.index.to_owned());
    report::note("watching; Ctrl-C ends it");
    while !STOPPED.load(Ordering::Relaxed) {
        match events.recv_timeout(LOOK) {
            Ok(event) if is_change(&event, &index) => {}
            Ok(_) | Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let began = Instant::now();
        while began.elapsed() < LONGEST_WAIT && events.recv_timeout(QUIET).is_ok() {}
        let update = Build {
            rebuild: false,
            compact: false,
            read: build.read.clone(),
            ..*build
        };
        match update.run() {
            Ok(summary) if summary.is_unchanged() => {}
            Ok(summary) => summary.report(),
            // What is wrong now may be right after the next change.
            Err(failure) => report::failure(&failure, Some(build.index)),
        }
    }
    Ok(Status::Found)
}

/// Returns whether an event may change what the index holds. The index may lie in a folder that is watched.
fn is_change(event: &notify::Result<Event>, index: &Path) -> bool {
    match event {
        Ok(event) => {
            let is_read = matches!(event.kind, EventKind::Access(_));
            !is_read && !event.paths.iter().all(|path| path.starts_with(index))
        }
        // Some events were lost.
        Err(_) => true,
    }
}
