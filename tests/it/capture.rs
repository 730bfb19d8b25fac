//! What a save takes, what it leaves out, and that it says so. (Rows C1 to C18 of the failures of others.)

use std::os::unix::net::UnixListener;

use crate::sandbox::{Kind, Outcome, Sandbox};

/// Saves, wrecks with `wreck`, loads, and wants every byte back.
#[track_caller]
fn comes_back(sandbox: &Sandbox, wreck: impl Fn(&Sandbox)) {
    let picture = sandbox.picture();
    let _ = sandbox.ckpt(&["save", "point"]).succeeds();
    wreck(sandbox);
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    picture.must_equal(&sandbox.picture(), "after the load");
}

/// The reasons that a save gives, by path.
fn skipped(outcome: &Outcome) -> Vec<(String, String)> {
    let rows = outcome.json()["skipped"].as_array().unwrap().clone();
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (text(row, "path"), text(row, "reason"))).collect()
}

fn pair(path: &str, reason: &str) -> (String, String) {
    (path.to_owned(), reason.to_owned())
}

#[test]
fn names_that_git_refuses_are_named_and_never_touched() {
    let sandbox = Sandbox::new();
    sandbox.write(".GIT/x", "x\n");
    sandbox.write("git~1", "y\n");
    sandbox.write("sub/.Git/y", "z\n");
    sandbox.write("sub/fine.txt", "fine\n");
    let before = sandbox.picture();
    let outcome = sandbox.ckpt(&["save", "point", "--json"]).succeeds();
    let reasons = skipped(&outcome);
    assert!(reasons.len() >= 3 && reasons.iter().all(|(_, reason)| reason == "refused-name"), "{reasons:?}");
    sandbox.write("a.txt", "wrecked\n");
    sandbox.remove("sub/fine.txt");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    before.must_equal(&sandbox.picture(), "after the load");
}

#[test]
fn an_unreadable_file_or_folder_makes_a_partial_save_and_is_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("locked.txt", "locked\n");
    sandbox.write("fine.txt", "fine\n");
    sandbox.write("closed/inside.txt", "closed\n");
    sandbox.commit("tracked");
    sandbox.chmod("locked.txt", 0);
    sandbox.chmod("closed", 0);
    if std::fs::read(sandbox.path("locked.txt")).is_ok() {
        // The superuser reads everything; the rule is then tried as somebody else.
        return as_somebody_else(&sandbox);
    }
    check_unreadable(&sandbox, &|arguments| sandbox.ckpt(arguments));
}

fn as_somebody_else(sandbox: &Sandbox) {
    let mut chown = sandbox.command("chown");
    let _ = Outcome::of(chown.args(["-R", "65534:65534"]).arg(sandbox.root())).succeeds();
    let binary = env!("CARGO_BIN_EXE_ckpt");
    let reached = Outcome::of(sandbox.command("setpriv").args([
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        binary,
        "--version",
    ]));
    if reached.code() != Some(0) {
        eprintln!("skipped: another user cannot run {binary} here");
        return;
    }
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", binary]).args(arguments);
        Outcome::of(&mut command)
    };
    check_unreadable(sandbox, &run);
}

fn check_unreadable(sandbox: &Sandbox, ckpt: &dyn Fn(&[&str]) -> Outcome) {
    let outcome = ckpt(&["save", "point", "--json"]).ends_with(1);
    assert_eq!(skipped(&outcome), [pair("closed", "unreadable"), pair("locked.txt", "unreadable")]);
    assert_eq!(outcome.json()["partial"], true);
    let _ = ckpt(&["save", "other", "--partial-ok"]).succeeds().mentions("locked.txt").mentions("partial");
    let shown = ckpt(&["show", "point", "--json"]).succeeds().json();
    assert_eq!(shown["changes"]["deleted"], 0, "what cannot be read is not deleted: {shown}");
    std::fs::write(sandbox.path("fine.txt"), "wrecked\n").unwrap();
    let loaded = ckpt(&["load", "point", "--yes"]);
    if loaded.code() == Some(0) {
        assert_eq!(sandbox.read("fine.txt"), b"fine\n");
    } else {
        let _ = loaded.ends_with(1).warns("locked.txt");
    }
    sandbox.chmod("locked.txt", 0o644);
    sandbox.chmod("closed", 0o755);
    assert_eq!(sandbox.read("locked.txt"), b"locked\n");
    assert_eq!(sandbox.read("closed/inside.txt"), b"closed\n");
}

#[test]
fn nested_repositories_are_named_and_a_wall() {
    let sandbox = Sandbox::new();
    for folder in ["nested", "empty-repo"] {
        sandbox.mkdir(folder);
        sandbox.git(&["-C", folder, "init", "-q"]);
    }
    sandbox.write("nested/inner.txt", "inner\n");
    sandbox.git(&["-C", "nested", "add", "-A"]);
    sandbox.git(&["-C", "nested", "commit", "-q", "-m", "inner"]);
    sandbox.write("nested/inner.txt", "dirty\n");
    sandbox.write("empty-repo/file.txt", "uncommitted\n");
    let outcome = sandbox.ckpt(&["save", "point", "--json"]).succeeds();
    assert_eq!(skipped(&outcome), [pair("empty-repo", "nested-without-commit"), pair("nested", "nested-repository")]);
    let commit = sandbox.git(&["-C", "nested", "rev-parse", "HEAD"]);
    let entry = sandbox.git(&["ls-tree", "refs/ckpt/names/point", "nested"]);
    assert_eq!(entry, format!("160000 commit {commit}\tnested"));
    // How much differs inside is known only where libgit2 opens it.
    let inside = if matches!(Kind::of_run(), Kind::Usual | Kind::Plumbing) {
        "; 1 changed file inside is not saved"
    } else {
        ""
    };
    let told = format!("nested: a repository of its own, recorded at {}{inside}", &commit[..10]);
    let _ = sandbox.ckpt(&["save", "--always"]).succeeds().says(&told);
    sandbox.write("a.txt", "wrecked\n");
    sandbox.write("nested/inner.txt", "dirtier\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert_eq!(sandbox.read("nested/inner.txt"), b"dirtier\n");
    assert_eq!(sandbox.read("empty-repo/file.txt"), b"uncommitted\n");
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
}

#[test]
fn a_tracked_file_in_an_ignored_folder_is_taken() {
    let sandbox = Sandbox::new();
    sandbox.write("vendor/kept.txt", "one\n");
    sandbox.commit("vendor");
    sandbox.write(".gitignore", "vendor/\n");
    sandbox.write("vendor/kept.txt", "two\n");
    comes_back(&sandbox, |sandbox| sandbox.write("vendor/kept.txt", "wrecked\n"));
}

#[test]
fn a_file_over_the_limit_is_named_and_protected() {
    let sandbox = Sandbox::new();
    sandbox.write("big.bin", vec![7; 200_000]);
    let outcome = sandbox.ckpt(&["save", "point", "--max-file-size", "100k", "--json"]).succeeds();
    assert_eq!(skipped(&outcome), [pair("big.bin", "too-large")]);
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert_eq!(sandbox.read("big.bin"), vec![7; 200_000]);
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
    let _ = sandbox.ckpt(&["save", "--max-file-size", "rubbish"]).ends_with(2);
}

#[test]
fn too_much_untracked_stops_before_anything_is_stored() {
    let sandbox = Sandbox::new();
    for number in 0..30 {
        sandbox.write(format!("data/{number}.bin"), vec![number; 1000]);
    }
    sandbox.write(".git/info/exclude", "");
    let settings = sandbox.home().join(".config/ckpt/config.toml");
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::write(settings, "version = 1\n[limits]\nmax-untracked-files = 20\n").unwrap();
    let _ = sandbox.ckpt(&["save"]).ends_with(1).warns("data").warns("--force");
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt"]), "");
    let _ = sandbox.ckpt(&["save", "--force"]).succeeds();
}

#[test]
fn line_endings_ident_and_encodings_come_back_byte_for_byte() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".gitattributes",
        "*.txt text eol=lf\n*.dos text eol=crlf\n*.id ident\n*.u16 working-tree-encoding=UTF-16\n",
    );
    sandbox.write("mixed.txt", "one\r\ntwo\nthree\r\n");
    sandbox.write("unix.dos", "one\ntwo\n");
    sandbox.write("real.dos", "one\r\ntwo\r\n");
    sandbox.write("old.id", "$Id: something old $\r\n");
    let encoded: Vec<u8> = "\u{feff}grün\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    sandbox.write("wide.u16", encoded);
    sandbox.git(&["config", "core.autocrlf", "true"]);
    comes_back(&sandbox, |sandbox| {
        for path in ["mixed.txt", "unix.dos", "real.dos", "old.id", "wide.u16"] {
            sandbox.write(path, "wrecked\n");
        }
    });
    assert_eq!(sandbox.git(&["show", "refs/ckpt/names/point:real.dos"]), "one\ntwo");
}

#[test]
fn changed_attributes_do_not_change_what_a_load_writes() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "one\r\ntwo\r\n");
    let picture = sandbox.picture();
    sandbox.save(&["point"]);
    sandbox.write(".gitattributes", "* text eol=lf\n");
    sandbox.git(&["config", "core.autocrlf", "input"]);
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    picture.must_equal(&sandbox.picture(), "after the load");
}

#[test]
fn external_filters_run_through_git_and_their_absence_loses_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", "*.rot filter=rot\n*.lost filter=lost\n");
    sandbox.git(&["config", "filter.rot.clean", "tr a-z n-za-m"]);
    sandbox.git(&["config", "filter.rot.smudge", "tr a-z n-za-m"]);
    sandbox.git(&["config", "filter.lost.clean", "no-such-program-anywhere"]);
    sandbox.git(&["config", "filter.lost.required", "true"]);
    sandbox.write("x.rot", "hello\n");
    sandbox.write("x.lost", "raw bytes\n");
    let picture = sandbox.picture();
    let outcome = sandbox.ckpt(&["save", "point", "--json"]).ends_orderly();
    assert_eq!(sandbox.git(&["show", "refs/ckpt/names/point:x.rot"]), "uryyb");
    assert_eq!(skipped(&outcome), [pair("x.lost", "filter-failed")]);
    sandbox.write("x.rot", "wrecked\n");
    sandbox.write("x.lost", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).ends_orderly();
    picture.must_equal(&sandbox.picture(), "after the load");
}

#[test]
fn special_files_are_named_and_nothing_hangs() {
    let sandbox = Sandbox::new();
    let fifo = Outcome::of(sandbox.command("mkfifo").arg("pipe"));
    assert_eq!(fifo.code(), Some(0));
    let _socket = UnixListener::bind(sandbox.path("socket")).unwrap();
    let outcome = sandbox.ckpt(&["save", "point", "--json"]).succeeds();
    assert_eq!(skipped(&outcome), [pair("pipe", "special"), pair("socket", "special")]);
    sandbox.write("a.txt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    assert!(sandbox.exists("pipe") && sandbox.exists("socket"));
}

#[test]
fn odd_names() {
    let sandbox = Sandbox::new();
    let names: [&[u8]; 9] =
        [b"\xff\xfe", b"new\nline", b"-rf", b":(glob)*", b"e\xcc\x81", "é".as_bytes(), b"A.TXT", b"back\\slash", b" "];
    for name in names {
        sandbox.write(name, name);
    }
    comes_back(&sandbox, |sandbox| {
        for name in names {
            sandbox.remove(name);
        }
    });
}

#[test]
fn permission_bits_and_empty_folders() {
    let sandbox = Sandbox::new();
    sandbox.write("secret/key", "key\n");
    sandbox.chmod("secret/key", 0o600);
    sandbox.chmod("secret", 0o700);
    sandbox.write("fixed.txt", "fixed\n");
    sandbox.chmod("fixed.txt", 0o444);
    sandbox.mkdir("void/deeper");
    sandbox.chmod("void/deeper", 0o711);
    sandbox.write("tool", "#!/bin/sh\n");
    sandbox.chmod("tool", 0o750);
    comes_back(&sandbox, |sandbox| {
        for path in ["secret", "fixed.txt", "void", "tool"] {
            sandbox.remove(path);
        }
    });
}

#[test]
fn without_trust_in_modes_the_bits_still_come_back() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.fileMode", "false"]);
    sandbox.chmod("a.txt", 0o755);
    comes_back(&sandbox, |sandbox| sandbox.chmod("a.txt", 0o644));
    let _ = sandbox.git(&["ls-tree", "refs/ckpt/names/point", "a.txt"]);
}

#[test]
fn the_same_size_within_one_tick_is_seen() {
    let sandbox = Sandbox::new();
    for round in 0..60 {
        sandbox.write("a.txt", format!("{round:05}\n"));
        let id = sandbox.save(&["--always"]);
        assert_eq!(sandbox.git(&["show", &format!("{id}:a.txt")]), format!("{round:05}"));
    }
}

#[test]
fn a_restored_modification_time_does_not_hide_a_change() {
    let sandbox = Sandbox::new();
    let time = std::fs::metadata(sandbox.path("a.txt")).unwrap().modified().unwrap();
    sandbox.save(&[]);
    std::thread::sleep(std::time::Duration::from_millis(30));
    sandbox.save(&["--always"]);
    sandbox.write("a.txt", "ALPHA\n");
    std::fs::File::options().write(true).open(sandbox.path("a.txt")).unwrap().set_modified(time).unwrap();
    let id = sandbox.save(&[]);
    assert_eq!(sandbox.git(&["show", &format!("{id}:a.txt")]), "ALPHA");
}

#[test]
fn a_file_that_changes_all_the_time_is_never_half() {
    let sandbox = Sandbox::new();
    sandbox.write("busy.bin", vec![0; 300_000]);
    let path = sandbox.path("busy.bin");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut byte = 1;
            while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                std::fs::write(&path, vec![byte; 300_000]).unwrap();
                byte = byte.wrapping_add(1);
            }
        });
        let outcomes: Vec<_> = (0..10).map(|_| sandbox.ckpt(&["save", "--always", "--json"])).collect();
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        for outcome in outcomes {
            check_whole_or_named(&sandbox, &outcome.ends_orderly());
        }
    });
}

fn check_whole_or_named(sandbox: &Sandbox, outcome: &Outcome) {
    if skipped(outcome).contains(&pair("busy.bin", "changed-while-saving")) {
        assert_eq!(outcome.code(), Some(1));
        return;
    }
    let blob = sandbox.try_git(&["show", &format!("{}:busy.bin", outcome.json_text("id"))]).succeeds();
    let bytes = blob.stdout_bytes();
    assert!(bytes.windows(2).all(|pair| pair[0] == pair[1]), "a torn file was saved as whole");
}

/// Git keeps saying that the file is as the index has it; nobody has looked at its bytes before.
#[test]
fn line_endings_of_a_first_save_under_other_settings_than_the_last_checkout() {
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q"]);
    sandbox.git(&["config", "core.autocrlf", "true"]);
    sandbox.write("dos.txt", "one\r\ntwo\r\n");
    // The index must be younger than the file by a second, or git itself does not trust it.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    sandbox.git(&["add", "dos.txt"]);
    std::thread::sleep(std::time::Duration::from_millis(50));
    sandbox.git(&["config", "core.autocrlf", "false"]);
    comes_back(&sandbox, |sandbox| sandbox.remove("dos.txt"));
}

/// The rules of a folder hold for its tracked files, even where the folder and its rules are ignored.
#[test]
fn attributes_in_an_ignored_folder_convert_its_tracked_files() {
    let sandbox = Sandbox::new();
    sandbox.write("kept/dos.txt", "one\n");
    sandbox.git(&["add", "kept"]);
    sandbox.write(".gitignore", "*\n");
    sandbox.write("kept/.gitattributes", "* text\n");
    sandbox.write("kept/dos.txt", "one\r\ntwo\r\n");
    comes_back(&sandbox, |sandbox| sandbox.write("kept/dos.txt", "wrecked\n"));
    assert_eq!(sandbox.git(&["show", "refs/ckpt/names/point:kept/dos.txt"]), "one\ntwo");
}

/// What the index says of a file is no proof that its blob is there: a save then takes the bytes from the disk.
#[test]
fn a_blob_that_only_the_index_names_and_that_is_gone_is_stored_again() {
    let sandbox = Sandbox::new();
    sandbox.with_real_clock();
    sandbox.save(&["before"]);
    sandbox.write("gone.txt", "only on disk now\n");
    // The index must be younger than the file by a second, or the file is hashed anyway.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    sandbox.git(&["add", "gone.txt"]);
    std::thread::sleep(std::time::Duration::from_millis(50));
    let id = sandbox.git(&["rev-parse", ":gone.txt"]);
    let id = id.trim();
    std::fs::remove_file(sandbox.git_dir().join("objects").join(&id[..2]).join(&id[2..])).unwrap();
    comes_back(&sandbox, |sandbox| sandbox.write("gone.txt", "wrecked\n"));
    assert_eq!(sandbox.git(&["show", "refs/ckpt/names/point:gone.txt"]).trim(), "only on disk now");
}
