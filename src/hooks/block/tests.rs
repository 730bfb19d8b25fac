//! The block goes in and comes out again, and shells do with it what they should.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;

fn at(path: &str) -> Program {
    Program::At(path.as_bytes().to_vec())
}

fn there_and_back(file: &[u8], hook: Hook) {
    let with = insert(Some(file), hook, &at("/usr/bin/ckpt")).unwrap();
    assert_ne!(with, file);
    assert_eq!(remove(&with).unwrap(), Removed::Rest(file.to_vec()), "{:?}", with.as_bstr());
}

#[test]
fn every_shape_of_file_comes_back() {
    let files: [&[u8]; 9] = [
        b"",
        b"\n",
        b"#!/bin/sh",
        b"#!/bin/sh\n",
        b"#!/bin/sh -e\necho one\nexit 3",
        b"echo no first line\r\nexit 0\r\n",
        b"#!/usr/bin/env bash\n\n\r\n# crlf below\r\ntrue\r\n",
        b"\xef\xbb\xbf#!/bin/sh\necho\n",
        b"caf\xe9 \xff",
    ];
    for file in files {
        Hook::ALL.into_iter().for_each(|hook| there_and_back(file, hook));
    }
    let new = insert(None, Hook::PostCommit, &Program::OnPath).unwrap();
    assert_eq!(remove(&new).unwrap(), Removed::WholeFile);
    assert_eq!(remove(b"echo\n").unwrap(), Removed::NoBlock);
}

#[test]
fn putting_it_in_twice_is_putting_it_in_once() {
    let once = insert(Some(b"#!/bin/sh\ntrue"), Hook::PostMerge, &at("/old/ckpt")).unwrap();
    let twice = insert(Some(&once), Hook::PostMerge, &at("/new/ckpt")).unwrap();
    assert_eq!(twice, insert(Some(b"#!/bin/sh\ntrue"), Hook::PostMerge, &at("/new/ckpt")).unwrap());
    assert_eq!(state(&once, Hook::PostMerge, &at("/new/ckpt")), Ok(State::Outdated));
    assert_eq!(state(&twice, Hook::PostMerge, &at("/new/ckpt")), Ok(State::Current));
    assert_eq!(state(b"", Hook::PostMerge, &at("/new/ckpt")), Ok(State::Absent));
}

#[test]
fn what_the_user_added_around_it_stays() {
    let new = insert(None, Hook::PostCommit, &at("/c")).unwrap();
    let grown = [&new[..], b"echo mine\n"].concat();
    assert_eq!(remove(&grown).unwrap(), Removed::Rest(b"#!/bin/sh\necho mine\n".to_vec()));
    let joined = insert(Some(b"#!/bin/sh"), Hook::PostCommit, &at("/c")).unwrap();
    let grown = [&joined[..], b"echo mine\n"].concat();
    assert_eq!(remove(&grown).unwrap(), Removed::Rest(b"#!/bin/sh\necho mine\n".to_vec()));
}

#[test]
fn what_is_not_clear_is_refused() {
    let hook = Hook::PostCommit;
    let whole = insert(Some(b"#!/bin/sh\ntrue\n"), hook, &at("/c")).unwrap();
    let text = whole.to_str().unwrap();
    let without_end = text.replace("# <<< ckpt <<<\n", "");
    assert_eq!(remove(without_end.as_bytes()), Err(BlockError::Unpaired { line: 2 }));
    let without_begin: String =
        text.lines().filter(|line| !line.contains(">>>")).map(|line| format!("{line}\n")).collect();
    assert_eq!(remove(without_begin.as_bytes()), Err(BlockError::Unpaired { line: 4 }));
    let twice = format!("{text}{text}");
    assert_eq!(remove(twice.as_bytes()), Err(BlockError::Twice { first: 2, second: 8 }));
    let changed = text.replace("# <<<", "echo mine\n# <<<");
    assert_eq!(insert(Some(changed.as_bytes()), hook, &at("/c")), Err(BlockError::Changed { first: 2, last: 6 }));
    let nested = text.replace("# <<<", "# >>> ckpt \n# <<<");
    assert_eq!(remove(nested.as_bytes()), Err(BlockError::Unpaired { line: 2 }));
    for (file, error) in [
        (&b"#!/usr/bin/python3\n"[..], BlockError::Foreign("python3".into())),
        (b"\x7fELF\0", BlockError::Binary),
        (b"#!/bin/sh\r\n", BlockError::CarriageReturn),
    ] {
        assert_eq!(insert(Some(file), hook, &at("/c")), Err(error));
    }
}

/// A hook file that records how it was called, and a program that does the same in ckpt's place.
struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new(hook: Hook, file: Option<&str>, program_exits: u8) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("it's ckpt");
        write_executable(&program, &format!("#!/bin/sh\necho \"$@\" >>called\ncat >>called\nexit {program_exits}\n"));
        let given = Program::At(program.to_str().unwrap().as_bytes().to_vec());
        let text = insert(file.map(str::as_bytes), hook, &given).unwrap();
        write_executable(&folder.path().join("hook"), text.to_str().unwrap());
        Scene { folder }
    }

    fn run(&self, shell: &[&str], input: &[u8], variables: &[(&str, &str)]) -> (Option<i32>, String) {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).args(["./hook", "amend", "two words"]).current_dir(self.folder.path());
        command.envs(variables.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    fn called(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("called")).unwrap_or_default()
    }
}

fn write_executable(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The shells of this machine.
fn shells() -> Vec<Vec<&'static str>> {
    let known =
        [vec!["sh"], vec!["sh", "-e"], vec!["dash", "-eu"], vec!["bash", "-eu"], vec!["zsh"], vec!["busybox", "sh"]];
    let is_there = |shell: &Vec<&str>| Command::new(shell[0]).arg("--help").output().is_ok();
    known.into_iter().filter(is_there).collect()
}

#[test]
fn the_users_part_keeps_its_arguments_input_and_exit_code() {
    let input: String = (0..3000).map(|number| format!("{number:040} {number:040}\n")).collect();
    for shell in shells() {
        let file = "#!/bin/sh\necho \"args: $@\"\ncat\nexit 7\n";
        let scene = Scene::new(Hook::PostRewrite, Some(file), 1);
        let (code, out) = scene.run(&shell, input.as_bytes(), &[]);
        assert_eq!((code, out), (Some(7), format!("args: amend two words\n{input}")), "{shell:?}");
        assert_eq!(scene.called(), format!("hook-run post-rewrite amend two words\n{input}"), "{shell:?}");
    }
}

#[test]
fn a_program_that_fails_or_is_gone_changes_nothing() {
    for shell in shells() {
        for hook in Hook::ALL {
            let scene = Scene::new(hook, None, 3);
            assert_eq!(scene.run(&shell, b"a b\n", &[]), (Some(0), String::new()), "{shell:?} {hook}");
            assert!(scene.called().starts_with(&format!("hook-run {hook} amend two words\n")), "{}", scene.called());
            std::fs::remove_file(scene.folder.path().join("it's ckpt")).unwrap();
            assert_eq!(scene.run(&shell, b"a b\n", &[]), (Some(0), String::new()), "{shell:?} {hook}");
        }
    }
}

#[test]
fn a_probe_reaches_ckpt_and_nothing_else() {
    let scene = Scene::new(Hook::PostCommit, Some("#!/bin/sh\necho mine\nexit 9\n"), 0);
    assert_eq!(scene.run(&["sh"], b"", &[(super::super::PROBE, "x")]), (Some(0), String::new()));
    assert_eq!(scene.called(), "hook-run post-commit amend two words\n");
}

#[test]
fn empty_input_stays_empty() {
    let scene = Scene::new(Hook::PostRewrite, Some("cat\n"), 0);
    assert_eq!(scene.run(&["sh"], b"", &[]), (Some(0), String::new()));
}

/// Files as people have them, and files as nobody has them.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just("#!/bin/sh".to_owned()),
        Just("#!/usr/bin/env bash".to_owned()),
        Just("#!/usr/bin/perl".to_owned()),
        Just("# >>> ckpt 00000000 in >>>".to_owned()),
        Just("# <<< ckpt <<<".to_owned()),
        Just(String::new()),
        "[ -~]{0,20}",
        "\\PC{0,10}",
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("")];
    let text = proptest::collection::vec((line, end), 0..8).prop_map(|lines| {
        lines.into_iter().flat_map(|(line, end)| [line, end.to_owned()]).collect::<String>().into_bytes()
    });
    prop_oneof![4 => text, 1 => proptest::collection::vec(any::<u8>(), 0..80)]
}

proptest! {
    #[test]
    fn any_file_comes_back_or_is_refused(file in any_file(), which in 0usize..4, shared in any::<bool>()) {
        let program = if shared { Program::OnPath } else { at("/a b/ckpt") };
        let hook = Hook::ALL[which];
        if let Ok(with) = insert(Some(&file), hook, &program) {
            if remove(&file) == Ok(Removed::NoBlock) {
                prop_assert_eq!(remove(&with), Ok(Removed::Rest(file)));
            }
            prop_assert_eq!(state(&with, hook, &program), Ok(State::Current));
            prop_assert_eq!(insert(Some(&with), hook, &program), Ok(with.clone()));
        }
    }

    #[test]
    fn a_block_with_a_byte_changed_is_never_taken_for_ours(position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let whole = insert(Some(b"#!/bin/sh\ntrue\n"), Hook::PostRewrite, &at("/c")).unwrap();
        let mut changed = whole.clone();
        let at = position.index(whole.len());
        changed[at] = byte;
        let inside = find(&whole).unwrap().unwrap().inside;
        if changed != whole && inside.contains(&at) {
            prop_assert!(remove(&changed).is_err());
        }
    }
}
