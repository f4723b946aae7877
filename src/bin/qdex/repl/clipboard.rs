//! Putting text on the clipboard: by the program that the desktop has for it, by tmux, or by the terminal itself.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::render::Output;
use crate::report::Failure;

use super::commands::request;

/// What many terminals take at most through OSC 52, before encoding.
const MAX_TERMINAL_BYTES: usize = 74_994;

/// Puts a text on the clipboard; returns what did it. Fails without a terminal: there is nobody to paste it.
pub(super) fn copy(text: &str, output: &mut Output) -> Result<String, Failure> {
    if !output.medium.terminal {
        return Err(request(
            "there is no terminal, and so no clipboard",
            "`:code` and `:open` print to standard output",
        ));
    }
    for (program, arguments) in programs(&|name| std::env::var_os(name).is_some()) {
        if is_installed(program) && pipe(program, arguments, text).is_ok() {
            return Ok(program.to_owned());
        }
    }
    if text.len() > MAX_TERMINAL_BYTES {
        return Err(request(
            &format!(
                "{} bytes are more than terminals take onto the clipboard",
                text.len()
            ),
            "install `wl-copy` or `xclip`, or print it with `qdex show --code ID`",
        ));
    }
    output.write(&format!("\x1b]52;c;{}\x07", base64(text.as_bytes())))?;
    output.flush()?;
    Ok("the terminal".to_owned())
}

/// Returns the programs to try, best first, by which variables are set.
fn programs(is_set: &dyn Fn(&str) -> bool) -> Vec<(&'static str, &'static [&'static str])> {
    let mut programs: Vec<(&'static str, &'static [&'static str])> = Vec::new();
    // Over SSH the clipboard of this machine is not the one in front of the user.
    let is_remote = is_set("SSH_CONNECTION") || is_set("SSH_TTY");
    if !is_remote {
        if cfg!(target_os = "macos") {
            programs.push(("pbcopy", &[]));
        }
        if is_set("WAYLAND_DISPLAY") {
            programs.push(("wl-copy", &[]));
        }
        if is_set("DISPLAY") {
            programs.push(("xclip", &["-selection", "clipboard"]));
            programs.push(("xsel", &["--clipboard", "--input"]));
        }
        if cfg!(windows) || is_set("WSL_DISTRO_NAME") {
            programs.push(("clip.exe", &[]));
        }
    }
    if is_set("TMUX") {
        // It passes on what it takes, and does not let programs do so themselves unless told to.
        programs.push(("tmux", &["load-buffer", "-w", "-"]));
    }
    programs
}

fn is_installed(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder: std::path::PathBuf| {
        let path: &Path = &folder.join(program);
        path.is_file()
    })
}

fn pipe(program: &str, arguments: &[&str], text: &str) -> io::Result<()> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let written = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(text.as_bytes()),
        None => Ok(()),
    };
    let status = child.wait()?;
    written?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("`{program}` ended with {status}")))
    }
}

/// Returns bytes in Base64, which is all that OSC 52 takes.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= group.len() {
                digit.into()
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("ü?>", "w7w/Pg=="),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded, "{plain}");
        }
    }

    #[test]
    fn the_clipboard_is_the_one_in_front_of_the_user() {
        for (set, expected) in [
            (&[][..], &[][..]),
            (&["DISPLAY"], &["xclip", "xsel"]),
            (
                &["WAYLAND_DISPLAY", "DISPLAY"],
                &["wl-copy", "xclip", "xsel"],
            ),
            (&["DISPLAY", "SSH_TTY"], &[]),
            (&["DISPLAY", "SSH_CONNECTION", "TMUX"], &["tmux"]),
        ] {
            let programs = programs(&|name| set.contains(&name));
            let names: Vec<_> = programs
                .iter()
                .map(|(program, _)| *program)
                .filter(|program| !matches!(*program, "pbcopy" | "clip.exe"))
                .collect();
            assert_eq!(names, expected, "{set:?}");
        }
    }
}
