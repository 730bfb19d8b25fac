//! Hooks in git's configuration, which git runs from version 2.54 on: what is written there, and taken out again.
//!
//! One section for each hook, since git names the event to nobody. All of it is written in one step and taken out in one:
//! with an `event` but no `command`, even for a moment, every commit would fail.

use bstr::ByteSlice;

use super::shell::guarded_call;
use super::{Hook, Program};

/// The first git that reads these sections; older ones pass over them in silence.
pub const FIRST_GIT: (u32, u32) = (2, 54);

/// Says that the line before the sections had no end.
const JOINED: &[u8] = b" # ckpt ended the line above";

/// The name of our section for a hook. Git dies of one that is called like an event.
fn section(hook: Hook) -> String {
    format!("[hook \"ckpt-{}\"]", hook.name())
}

/// What the shell is given; git appends `"$@"` to it, so the arguments go to the function and its result is always 0.
fn command(hook: Hook, program: &Program) -> Vec<u8> {
    let mut call = b"ckpt_hook() { ".to_vec();
    call.extend_from_slice(&guarded_call(hook, program));
    call.extend_from_slice(b" \"$@\" ");
    if !hook.reads_input() {
        call.extend_from_slice(b"</dev/null ");
    }
    call.extend_from_slice(b"|| :; }; ckpt_hook >/dev/null 2>&1");
    call
}

/// A value in double quotes: without them `;` and `#` would begin a comment.
fn quoted(value: &[u8]) -> Vec<u8> {
    let escaped = value.replace("\\", r"\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t");
    [b"\"", escaped.as_slice(), b"\""].concat()
}

/// The configuration with a section for each hook at its end, in the place of those that it has.
pub fn insert(config: &[u8], program: &Program) -> Vec<u8> {
    let mut out = remove(config);
    let is_joined = !out.is_empty() && !out.ends_with(b"\n");
    if is_joined {
        out.push(b'\n');
    }
    for (index, hook) in Hook::ALL.into_iter().enumerate() {
        out.extend_from_slice(section(hook).as_bytes());
        if is_joined && index == 0 {
            out.extend_from_slice(JOINED);
        }
        out.extend_from_slice(b"\n\tcommand = ");
        out.extend_from_slice(&quoted(&command(hook, program)));
        out.extend_from_slice(format!("\n\tevent = {}\n", hook.name()).as_bytes());
    }
    out
}

/// The configuration without our sections, byte for byte as it was before.
///
/// What git or the user set in them since (`enabled = false`) goes with them; comments and blank lines below stay.
pub fn remove(config: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(config.len());
    let (mut is_ours, mut is_joined, mut goes_on) = (false, false, false);
    let mut ends_with_ours = false;
    for line in config.lines_with_terminator() {
        let text = line.trim_start();
        let begins_ours = Hook::ALL.into_iter().any(|hook| text.starts_with(section(hook).as_bytes()));
        is_joined |= begins_ours && text.contains_str(JOINED);
        let is_key = text.first().is_some_and(u8::is_ascii_alphabetic);
        is_ours = begins_ours || (is_ours && (goes_on || is_key));
        goes_on = is_ours && line.trim_end_with(|end| matches!(end, '\r' | '\n')).ends_with(b"\\");
        ends_with_ours = is_ours;
        if !is_ours {
            out.extend_from_slice(line);
        }
    }
    if is_joined && ends_with_ours && out.ends_with(b"\n") {
        out.pop();
    }
    out
}

/// The hooks that have a section, and whether it is as it would be written now.
pub fn present(config: &[u8], program: &Program) -> Vec<(Hook, bool)> {
    let has = |hook: &Hook| config.lines().any(|line| line.trim_start().starts_with(section(*hook).as_bytes()));
    let is_current = |hook: Hook| config.contains_str(quoted(&command(hook, program)));
    Hook::ALL.into_iter().filter(has).map(|hook| (hook, is_current(hook))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn program() -> Program {
        Program::At(b"/opt/a\"b/ckpt".to_vec())
    }

    #[test]
    fn exactly_this_is_written() {
        let config = insert(b"[core]\n\tbare = false\n", &Program::At(b"/usr/bin/ckpt".to_vec()));
        let section = |hook: &str, input: &str| {
            format!(
                "[hook \"ckpt-{hook}\"]\n\tcommand = \"ckpt_hook() {{ [ -x '/usr/bin/ckpt' ] && '/usr/bin/ckpt' hook-run \
                 {hook} \\\"$@\\\" {input}|| :; }}; ckpt_hook >/dev/null 2>&1\"\n\tevent = {hook}\n"
            )
        };
        let expected = [
            "[core]\n\tbare = false\n".to_owned(),
            section("post-commit", "</dev/null "),
            section("post-checkout", "</dev/null "),
            section("post-merge", "</dev/null "),
            section("post-rewrite", ""),
        ];
        assert_eq!(config.to_str().unwrap(), expected.concat());
        let all: Vec<_> = Hook::ALL.into_iter().map(|hook| (hook, true)).collect();
        assert_eq!(present(&config, &Program::At(b"/usr/bin/ckpt".to_vec())), all);
        assert!(present(&config, &program()).iter().all(|(_, is_current)| !is_current));
    }

    #[test]
    fn all_of_it_goes_again() {
        for config in ["", "[core]\n\tbare = false\n", "[core]\n\tbare = false", "# alone", "[a]\n\n\n"] {
            let with = insert(config.as_bytes(), &program());
            assert_eq!(remove(&with).as_bstr(), config, "{:?}", with.as_bstr());
            assert_eq!(insert(&with, &program()), with);
        }
    }

    #[test]
    fn what_others_wrote_below_and_into_it_is_told_apart() {
        let mut with = insert(b"[core]\n\tbare = false", &program());
        with.extend_from_slice(b"\tenabled = false\n# mine\n[user]\n\tname = x\n");
        assert_eq!(remove(&with).as_bstr(), "[core]\n\tbare = false\n# mine\n[user]\n\tname = x\n");
    }

    proptest! {
        #[test]
        fn any_configuration_comes_back(config in "(\\[[a-z]{1,3}( \"x\")?\\]|\\t[a-z]{1,4} = .{0,8}|#.{0,5}|\n|\r\n| ){0,20}") {
            let with = insert(config.as_bytes(), &program());
            prop_assert_eq!(remove(&with), config.into_bytes());
        }
    }
}
