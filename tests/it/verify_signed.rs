//! `ckpt verify --sign`: what was signed must be there still, whoever can write to the state folder.

use std::fs;
use std::path::PathBuf;

use crate::sandbox::{Outcome, Sandbox};

fn has(program: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()));
    if !found {
        eprintln!("skipped: {program} is not here");
    }
    found
}

/// A session with two saves, and a key of ssh that git is told to sign with.
fn worked() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.set("COLUMNS", "300");
    use_key(&sandbox, "key");
    for number in 1..=2 {
        sandbox.write("a.txt", format!("{number}\n"));
        sandbox.save(&[&format!("point{number}")]);
    }
    sandbox
}

fn use_key(sandbox: &Sandbox, name: &str) {
    let key = sandbox.home().join(name);
    let mut make = sandbox.command("ssh-keygen");
    Outcome::of(make.args(["-q", "-t", "ed25519", "-N", "", "-C", "me@example.org", "-f"]).arg(&key)).succeeds();
    sandbox.git(&["config", "--global", "gpg.format", "ssh"]);
    sandbox.git(&["config", "--global", "user.signingKey", &format!("~/{name}")]);
}

fn state_file(sandbox: &Sandbox, ending: &str) -> PathBuf {
    let entries = fs::read_dir(sandbox.home().join(".local/state/ckpt/anchors")).unwrap().map(Result::unwrap);
    let mut found = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == ending));
    found.next().unwrap_or_else(|| panic!("there is no .{ending}"))
}

#[test]
fn what_was_signed_is_told_and_may_grow() {
    if !has("ssh-keygen") {
        return;
    }
    let sandbox = worked();
    let signed = sandbox.ckpt(&["verify", "--sign"]).succeeds().says("Whole").says("Signed just now by SHA256:");
    drop(signed);
    sandbox.write("a.txt", "3\n");
    sandbox.save(&["point3"]);
    let _ = sandbox.ckpt(&["drop", "point1", "--yes"]).succeeds();
    let _ = sandbox.ckpt(&["verify", "--all"]).succeeds().says("Whole").says("Signed just now by SHA256:");
    let document = sandbox.ckpt(&["verify", "--json"]).succeeds().json();
    assert_eq!(document["signed"]["time"], crate::sandbox::NOW, "{document}");
}

#[test]
fn whoever_writes_to_the_state_folder_too_is_found_out() {
    if !has("ssh-keygen") {
        return;
    }
    let sandbox = worked();
    let old = sandbox.git(&["rev-parse", "refs/ckpt/sessions/main"]);
    sandbox.write("a.txt", "3\n");
    let dropped = sandbox.save(&["point3"]);
    let _ = sandbox.ckpt(&["verify", "--sign"]).succeeds();
    sandbox.git(&["update-ref", "refs/ckpt/sessions/main", &old]);
    sandbox.git(&["update-ref", "-d", &format!("refs/ckpt/checkpoints/{dropped}")]);
    sandbox.git(&["update-ref", "-d", "refs/ckpt/names/point3"]);
    let log = state_file(&sandbox, "log");
    fs::remove_file(&log).unwrap();
    let told = sandbox.ckpt(&["verify", "--all"]).ends_with(4).says("when it was signed");
    let _ = told.says("now an older state is in its place").says("now it is gone");
    let _ = sandbox.ckpt(&["verify"]).ends_with(4);
    // It is taken for right only by whoever has the key.
    let _ = sandbox.ckpt(&["verify", "--accept"]).ends_with(4);
    let _ = sandbox.ckpt(&["verify", "--accept", "--sign"]).succeeds();
    let _ = sandbox.ckpt(&["verify", "--all"]).succeeds();
}

#[test]
fn a_statement_that_was_changed_or_is_another_s_is_told() {
    if !has("ssh-keygen") {
        return;
    }
    let sandbox = worked();
    let _ = sandbox.ckpt(&["verify", "--sign"]).succeeds();
    let file = state_file(&sandbox, "signed");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("= refs/ckpt/sessions/main", "= refs/ckpt/sessions/other", 1)).unwrap();
    let told = sandbox.ckpt(&["verify", "--json"]).ends_with(4).json();
    assert_eq!(told["findings"][0]["problem"], "bad-signature", "{told}");
    fs::write(&file, text).unwrap();
    let _ = sandbox.ckpt(&["verify"]).succeeds();
    use_key(&sandbox, "other-key");
    let _ = sandbox.ckpt(&["verify"]).ends_with(4).says("signature").warns("verify --accept --sign");
    let public = fs::read_to_string(sandbox.home().join("key.pub")).unwrap();
    fs::write(sandbox.home().join("allowed"), format!("me@example.org {public}")).unwrap();
    sandbox.git(&["config", "--global", "gpg.ssh.allowedSignersFile", "~/allowed"]);
    let _ = sandbox.ckpt(&["verify"]).succeeds();
}

#[test]
fn no_program_and_no_key_of_the_repository_is_used() {
    if !has("ssh-keygen") {
        return;
    }
    let sandbox = worked();
    let canary = sandbox.root().join("ran");
    let script = sandbox.root().join("evil.sh");
    fs::write(&script, format!("#!/bin/sh\ntouch {}\n", canary.display())).unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for key in ["gpg.program", "gpg.ssh.program", "gpg.openpgp.program"] {
        sandbox.git(&["config", key, script.to_str().unwrap()]);
    }
    sandbox.git(&["config", "user.signingKey", "/nowhere"]);
    let _ = sandbox.ckpt(&["verify", "--sign"]).succeeds();
    let _ = sandbox.ckpt(&["verify"]).succeeds().says("Signed");
    assert!(!canary.exists(), "a program that the repository names was run");
}

#[test]
fn without_a_key_it_says_what_to_type_and_with_one_that_is_always_used_it_reminds() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let refused = sandbox.ckpt(&["verify", "--sign"]).ends_with(1).warns("git is not configured to sign");
    let _ = refused.warns("user.signingKey");
    let _ = sandbox.ckpt(&["verify"]).succeeds().does_not_say("--sign");
    sandbox.git(&["config", "--global", "commit.gpgSign", "true"]);
    let _ = sandbox.ckpt(&["verify"]).succeeds().warns("ckpt verify --sign");
    sandbox.write("a.txt", "never signed by a save\n");
    sandbox.save(&["quiet"]);
}

#[test]
fn a_key_of_openpgp_signs_as_well() {
    if !has("gpg") || !has("gpgconf") {
        return;
    }
    let sandbox = Sandbox::new();
    // The agent's socket has a short name or none.
    let keys = tempfile::Builder::new().prefix("g").tempdir_in("/tmp").unwrap();
    fs::set_permissions(keys.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    sandbox.set("GNUPGHOME", keys.path().to_str().unwrap());
    let make = [
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-gen-key",
        "Me <me@example.org>",
        "ed25519",
        "sign",
        "never",
    ];
    if Outcome::of(sandbox.command("gpg").args(make)).code() != Some(0) {
        eprintln!("skipped: gpg makes no key here");
        return;
    }
    sandbox.git(&["config", "--global", "user.signingKey", "me@example.org"]);
    sandbox.save(&["point"]);
    let signed = sandbox.ckpt(&["verify", "--sign"]);
    let again = sandbox.ckpt(&["verify"]);
    let file = state_file(&sandbox, "signed");
    fs::write(&file, fs::read_to_string(&file).unwrap().replacen("time 20", "time 19", 1)).unwrap();
    let changed = sandbox.ckpt(&["verify"]);
    let _ = sandbox.command("gpgconf").args(["--kill", "gpg-agent"]).status();
    let _ = signed.succeeds().says("Me <me@example.org>");
    let _ = again.succeeds().says("Signed");
    let _ = changed.ends_with(4).says("signature");
}
