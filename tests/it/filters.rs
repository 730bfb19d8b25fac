//! External filters: the tree is git's own, a load gives back every byte, and a program that fails costs nothing.

use std::process::Command;

use crate::git_trees::saves_what_git_adds;
use crate::hooks::write_hook;
use crate::sandbox::Sandbox;

/// A long-running filter that turns letters by thirteen, by git's protocol of packet lines.
const PROCESS: &str = r#"#!/usr/bin/perl
use strict;
binmode STDIN; binmode STDOUT; $| = 1;
sub take { my $line; exit 0 if read(STDIN, $line, 4) != 4; my $size = hex($line); return undef if !$size;
           $line = ''; read(STDIN, $line, $size - 4) if $size > 4; return $line }
sub all { my $text = ''; while (defined(my $line = take())) { $text .= $line } return $text }
sub give { my $text = shift; printf "%04x%s", length($text) + 4, $text }
all(); give("git-filter-server\n"); give("version=2\n"); print "0000";
all(); give("capability=clean\n"); give("capability=smudge\n"); print "0000";
while (1) {
    my $asked = all(); my $text = all();
    if ($asked =~ /refused/) { give("status=error\n"); print "0000"; next }
    $text =~ tr/a-zA-Z/n-za-mN-ZA-M/;
    give("status=success\n"); print "0000";
    while (length $text) { give(substr($text, 0, 65000, '')) }
    print "00000000";
}
"#;

/// A filter like git-crypt's: binary, with a head of its own, and what has the head already stays as it is.
const CRYPT: &str = r#"#!/usr/bin/perl
binmode STDIN; binmode STDOUT; local $/; my $text = <STDIN>; my $head = "\0GITCRYPT\0";
my $clean = $ARGV[0] eq 'clean';
if ($clean && index($text, $head) != 0) { print $head . ($text ^ ("\x5a" x length $text)) }
elsif (!$clean && index($text, $head) == 0) { $text = substr($text, length $head); print $text ^ ("\x5a" x length $text) }
else { print $text }
"#;

fn has(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_there {
        eprintln!("skipped: there is no {program} here");
    }
    is_there
}

fn configure(sandbox: &Sandbox, name: &str, script: &str, settings: &[(&str, &str)]) {
    let path = sandbox.root().join(name);
    write_hook(&path, script, 0o755);
    for (key, arguments) in settings {
        let command = format!("{}{arguments}", path.display());
        sandbox.git(&["config", &format!("filter.{name}.{key}"), &command]);
    }
    sandbox.git(&["config", &format!("filter.{name}.required"), "true"]);
    sandbox.write(".gitattributes", format!("*.{name} filter={name}\n"));
}

fn comes_back(sandbox: &Sandbox, path: &str) {
    let picture = sandbox.picture();
    let _ = sandbox.save(&["point", "--always"]);
    sandbox.write(path, "wrecked\n");
    let _ = sandbox.ckpt(&["load", "point", "--yes"]).succeeds();
    picture.must_equal(&sandbox.picture(), path);
    let _ = sandbox.ckpt(&["drop", "point", "--yes"]).succeeds();
}

#[test]
fn a_long_running_filter() {
    if !has("perl") {
        return;
    }
    let sandbox = Sandbox::new();
    configure(&sandbox, "rot", PROCESS, &[("process", "")]);
    sandbox.write("a.rot", "Hello\n");
    sandbox.write("large.rot", "line of text\n".repeat(20_000));
    sandbox.write("empty.rot", "");
    saves_what_git_adds(&sandbox, "a process");
    assert_eq!(sandbox.git(&["show", &format!("{}:a.rot", sandbox.save(&["--always"]))]), "Uryyb");
    comes_back(&sandbox, "a.rot");
    sandbox.commit("filtered");
    comes_back(&sandbox, "large.rot");
    sandbox.write("refused.rot", "raw\n");
    let outcome = sandbox.ckpt(&["save", "failed", "--json"]).ends_orderly();
    assert!(outcome.stdout().contains("filter-failed"), "{}", outcome.describe());
    sandbox.write("refused.rot", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "failed", "--yes"]).ends_orderly();
    assert_eq!(sandbox.read("refused.rot"), b"raw\n");
}

#[test]
fn a_filter_that_encrypts() {
    if !has("perl") {
        return;
    }
    let sandbox = Sandbox::new();
    configure(&sandbox, "crypt", CRYPT, &[("clean", " clean"), ("smudge", " smudge")]);
    let bytes: Vec<u8> = (0..70_000u32).map(|number| (number % 251) as u8).collect();
    sandbox.write("key.crypt", &bytes);
    saves_what_git_adds(&sandbox, "encrypted");
    let id = sandbox.save(&["--always"]);
    let stored = sandbox.try_git(&["cat-file", "blob", &format!("{id}:key.crypt")]).succeeds();
    assert!(stored.stdout_bytes().starts_with(b"\0GITCRYPT\0"));
    comes_back(&sandbox, "key.crypt");
    // A file that was never decrypted here goes through unchanged, and comes back so.
    sandbox.write("key.crypt", stored.stdout_bytes());
    saves_what_git_adds(&sandbox, "locked");
    comes_back(&sandbox, "key.crypt");
    std::fs::remove_file(sandbox.root().join("crypt")).unwrap();
    sandbox.write("key.crypt", "no program any more\n");
    let outcome = sandbox.ckpt(&["save", "gone", "--json"]).ends_orderly();
    assert!(outcome.stdout().contains("filter-failed"), "{}", outcome.describe());
    sandbox.write("key.crypt", "wrecked\n");
    let _ = sandbox.ckpt(&["load", "gone", "--yes"]).ends_orderly();
    assert_eq!(sandbox.read("key.crypt"), b"no program any more\n");
}

#[test]
fn git_lfs_itself() {
    if !has("git-lfs") {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.git(&["lfs", "install", "--local", "--skip-repo"]);
    sandbox.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    sandbox.write("a.bin", vec![7; 100_000]);
    saves_what_git_adds(&sandbox, "lfs");
    let id = sandbox.save(&["--always"]);
    assert!(sandbox.git(&["show", &format!("{id}:a.bin")]).starts_with("version https://git-lfs.github.com/spec/v1"));
    comes_back(&sandbox, "a.bin");
    sandbox.commit("large files");
    comes_back(&sandbox, "a.bin");
}
