//! Files and their permission bits go there and back.

use proptest::prelude::*;

use super::*;

fn program() -> Program {
    Program::At(b"/usr/bin/ckpt".to_vec())
}

fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn write(path: &Path, bytes: &[u8], mode: u32) {
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_file_with_any_bits_comes_back(
        bytes in prop_oneof![
            "(#!/bin/sh( -e)?\n|#!/usr/bin/env bash\n|#!/usr/bin/perl\n)?([ -~]{0,12}(\n|\r\n)?){0,5}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..60),
        ],
        mode in 0u32..0o1000,
        needs_executable in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("post-commit");
        write(&path, &bytes, mode | 0o400);
        let planned = plan_insert(path.clone(), Hook::PostCommit, &program(), needs_executable);
        if let Ok(change) = planned {
            apply(&[change]).unwrap();
            prop_assert_eq!(mode_of(&path), mode | 0o400);
            let back = plan_remove(path.clone(), Hook::PostCommit).unwrap().unwrap();
            apply(&[back]).unwrap();
        }
        prop_assert_eq!(std::fs::read(&path).unwrap(), bytes);
        prop_assert_eq!(mode_of(&path), mode | 0o400);
        prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_change_that_cannot_be_made_takes_back_those_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("post-commit");
    write(&first, b"#!/bin/sh\ntrue\n", 0o750);
    let plan = |path: PathBuf| plan_insert(path, Hook::PostCommit, &program(), true).unwrap();
    let changes = [plan(first.clone()), plan(folder.path().join("new")), plan(folder.path().join("gone/post-commit"))];
    assert!(apply(&changes).is_err());
    assert_eq!(std::fs::read(&first).unwrap(), b"#!/bin/sh\ntrue\n");
    assert_eq!(mode_of(&first), 0o750);
    assert!(!folder.path().join("new").exists());
}
