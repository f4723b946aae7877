//! `qdex export`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use qdex::Error;
use tempfile::NamedTempFile;

use super::index::count;
use crate::Status;
use crate::args::{FilterArgs, Global};
use crate::render::{Output, json, text};
use crate::report::{self, Failure};

#[derive(Debug, Args)]
#[command(after_long_help = "\
Each line is an entry as `qdex show --json` prints it. An index built from the lines holds the same
entries and gives the same hits. A file is replaced in one step, when all is written.

Exit status: 0 when there were entries, 1 when there were none (then no file is written), 2 when
something failed.

Examples:
  qdex export -o questions.jsonl
  qdex export --topic python | jq -r .title
  qdex export --lang rust -o rust.jsonl && qdex index rust.jsonl --index rust")]
pub(crate) struct ExportArgs {
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    filters: FilterArgs,
}

pub(super) fn run(
    args: &ExportArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let opened = super::open(global)?;
    let mut entries = opened
        .searcher
        .entries_by_id(&args.filters.filters())?
        .peekable();
    if entries.peek().is_none() {
        report::note("there are no entries to export");
        return Ok(Status::Nothing);
    }
    let Some(path) = args.output.as_deref().filter(|path| *path != "-") else {
        for entry in entries {
            output.write(&json::line(&entry?))?;
        }
        return Ok(Status::Found);
    };
    let failed = |source| Error::Io {
        action: "write",
        path: path.to_owned(),
        source,
    };
    let mut target = Target::create(path).map_err(failed)?;
    let (mut exported, mut bytes) = (0, 0);
    for entry in entries {
        let line = json::line(&entry?);
        target.write(&line).map_err(failed)?;
        exported += 1;
        bytes += line.len() as u64;
    }
    target.finish().map_err(failed)?;
    let (exported, bytes) = (count(exported, "entry"), text::bytes(bytes));
    report::note(&format!(
        "exported {exported} to `{}` ({bytes})",
        path.display()
    ));
    Ok(Status::Found)
}

/// A file that is being written.
enum Target {
    /// Beside the file that it becomes: until all is written, what stands there stays.
    Beside {
        writer: BufWriter<NamedTempFile>,
        path: PathBuf,
    },
    /// A pipe or a device, which cannot be replaced.
    Device(BufWriter<File>),
}

impl Target {
    fn create(path: &Path) -> io::Result<Self> {
        // Through a link, its target is written.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let former = fs::metadata(&path).ok();
        if former.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if former.as_ref().is_some_and(|former| !former.is_file()) {
            let device = File::options().write(true).open(&path)?;
            return Ok(Target::Device(BufWriter::new(device)));
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        let permissions = former.map(|former| former.permissions());
        #[cfg(unix)]
        let permissions = permissions.or_else(|| {
            // What the user's mask takes away is taken away.
            Some(std::os::unix::fs::PermissionsExt::from_mode(0o666))
        });
        if let Some(permissions) = permissions {
            builder.permissions(permissions);
        }
        let file = builder
            .prefix(".qdex-export-")
            .tempfile_in(folder.unwrap_or(Path::new(".")))?;
        Ok(Target::Beside {
            writer: BufWriter::with_capacity(64 * 1024, file),
            path,
        })
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        match self {
            Target::Beside { writer, .. } => writer.write_all(line.as_bytes()),
            Target::Device(writer) => writer.write_all(line.as_bytes()),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Target::Beside { writer, path } => {
                let file = writer
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                file.persist(path)?;
                Ok(())
            }
            Target::Device(mut writer) => writer.flush(),
        }
    }
}
