//! What a shell has to be told: quoting, the lines that call ckpt, and whether a file is a shell's at all.

use bstr::ByteSlice;

use super::{Hook, PROBE, Program};

/// Shells that understand the lines below.
const SHELLS: [&[u8]; 8] = [b"sh", b"bash", b"dash", b"ash", b"zsh", b"ksh", b"ksh93", b"mksh"];

/// What a file's first line makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// No `#!`: git gives such a file to the shell. Also the empty file.
    Bare,
    /// A shell's; the length of its first line, without the line end.
    Shell(usize),
    /// Another interpreter's.
    Foreign(String),
    /// The first line ends in a carriage return: no system finds an interpreter of that name.
    CarriageReturn,
    /// A program, or something else that is no text.
    Binary,
}

/// Tells what runs a hook file.
pub(super) fn script_of(file: &[u8]) -> Script {
    if file.contains(&0) {
        return Script::Binary;
    }
    let Some(rest) = file.strip_prefix(b"#!") else { return Script::Bare };
    let line = rest.split_once_str("\n").map_or(rest, |(line, _)| line);
    if line.ends_with(b"\r") {
        return Script::CarriageReturn;
    }
    let interpreter = interpreter_of(line);
    if SHELLS.contains(&interpreter) {
        return Script::Shell(2 + line.len());
    }
    Script::Foreign(interpreter.to_str_lossy().into_owned())
}

/// The name of the program in a line such as `/usr/bin/env -S bash -e`.
fn interpreter_of(line: &[u8]) -> &[u8] {
    let mut words = line.fields();
    let name = words.next().map_or(&b""[..], base_name);
    match name {
        b"env" => {
            let is_name = |word: &&[u8]| !word.starts_with(b"-") && !word.contains(&b'=');
            words.find(is_name).map_or(name, base_name)
        }
        b"busybox" => words.next().map_or(name, base_name),
        _ => name,
    }
}

fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit_once_str("/").map_or(path, |(_, name)| name)
}

/// `text` as one word of a shell.
pub(super) fn quoted(text: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    word.extend(text.replace("'", r"'\''"));
    word.push(b'\'');
    word
}

/// `[ -x … ] && … hook-run <hook>`: what runs ckpt if it is there.
pub(super) fn guarded_call(hook: Hook, program: &Program) -> Vec<u8> {
    let mut call = Vec::new();
    match program {
        Program::At(path) | Program::SharedAt(path) => {
            let path = quoted(path);
            call.extend_from_slice(b"[ -x ");
            call.extend_from_slice(&path);
            call.extend_from_slice(b" ] && ");
            call.extend_from_slice(&path);
            call.extend_from_slice(b" hook-run ");
        }
        Program::OnPath => call.extend_from_slice(b"command -v ckpt >/dev/null 2>&1 && ckpt hook-run "),
    }
    if !matches!(program, Program::At(_)) {
        call.extend_from_slice(b"--shared ");
    }
    call.extend_from_slice(hook.name().as_bytes());
    call
}

/// The path in lines that [`guarded_call`] wrote.
pub(super) fn called_path(lines: &[u8]) -> Option<Vec<u8>> {
    let (_, rest) = lines.split_once_str("[ -x '")?;
    let (path, _) = rest.split_once_str("' ] &&")?;
    Some(path.replace(r"'\''", "'"))
}

/// The lines between the markers.
///
/// They stand before all else in the file, since what follows may `exec` or `exit`. So input that git writes is read
/// here and handed on, and a probe ends before anything of the user's runs.
pub(super) fn lines(hook: Hook, program: &Program) -> Vec<u8> {
    let call = guarded_call(hook, program);
    let mut lines = Vec::new();
    if hook.reads_input() {
        lines.extend_from_slice(b"ckpt_input=$(cat)\n");
        lines.extend_from_slice(&piped(&call));
        lines.extend_from_slice(
            b"if [ -n \"$ckpt_input\" ]; then exec <<ckpt_input_end\n$ckpt_input\nckpt_input_end\nfi\n",
        );
    } else {
        // The braces keep what the shell itself says of a ckpt that was killed.
        lines.extend_from_slice(b"{ ");
        lines.extend_from_slice(&call);
        lines.extend_from_slice(b" \"$@\" </dev/null; } >/dev/null 2>&1 || :\n");
    }
    lines.extend_from_slice(format!("[ -z \"${{{PROBE}-}}\" ] || exit 0\n").as_bytes());
    lines
}

/// The pipe is the last command's alone, so it goes behind the guard.
fn piped(call: &[u8]) -> Vec<u8> {
    let (guard, command) = call.split_once_str(" && ").expect("a guarded call has a guard");
    let mut line = [b"{ ", guard].concat();
    line.extend_from_slice(b" && printf '%s\\n' \"$ckpt_input\" | ");
    line.extend_from_slice(command);
    line.extend_from_slice(b" \"$@\"; } >/dev/null 2>&1 || :\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_a_file_is_told_by_its_first_line() {
        let shells: [&[u8]; 8] = [
            b"#!/bin/sh\n",
            b"#! /bin/sh -e\nx",
            b"#!/usr/bin/env bash\n",
            b"#!/usr/bin/env -S bash -eu\n",
            b"#!/usr/bin/env LC_ALL=C dash",
            b"#!/bin/busybox sh\n",
            b"#!/usr/local/bin/zsh",
            b"#!sh\n",
        ];
        for file in shells {
            assert!(matches!(script_of(file), Script::Shell(_)), "{:?}", file.as_bstr());
        }
        assert_eq!(script_of(b"#!/bin/sh -e\nx"), Script::Shell(12));
        for (file, name) in [
            ("#!/usr/bin/env python3\n", "python3"),
            ("#!/usr/bin/fish\n", "fish"),
            ("#!\n", ""),
            ("#!/usr/bin/env", "env"),
        ] {
            assert_eq!(script_of(file.as_bytes()), Script::Foreign(name.into()));
        }
        assert_eq!(script_of(b""), Script::Bare);
        assert_eq!(script_of(b"echo hello"), Script::Bare);
        assert_eq!(script_of(b"#!/bin/sh\r\necho"), Script::CarriageReturn);
        assert_eq!(script_of(b"\x7fELF\0\0"), Script::Binary);
    }

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        assert_eq!(quoted(b"/a b/it's").as_bstr(), r"'/a b/it'\''s'");
    }
}
