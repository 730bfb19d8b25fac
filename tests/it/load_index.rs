//! `ckpt load` and what git finds in the index afterwards.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::sandbox::{Outcome, Sandbox};

/// A point with many files, all of them wrecked and staged.
fn many(files: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    for number in 0..files {
        sandbox.write(format!("d{}/f{number}", number % 7), format!("number {number}\n"));
    }
    sandbox.write(".gitattributes", "*.dos text eol=crlf\n*.id ident\n");
    sandbox.write("x.dos", "a\r\nb\r\n");
    sandbox.write("y.id", "$Id$\n");
    sandbox.commit("many");
    sandbox.save(&["good"]);
    for number in 0..files {
        sandbox.write(format!("d{}/f{number}", number % 7), format!("wrecked {number}\n"));
    }
    sandbox.write("x.dos", "wrecked\r\n");
    sandbox.write("y.id", "wrecked $Id$\n");
    sandbox.git(&["add", "-A"]);
    sandbox
}

/// How many entries of the index have stat data.
fn known_entries(sandbox: &Sandbox) -> usize {
    let listing = sandbox.git(&["ls-files", "--debug"]);
    listing.lines().filter(|line| line.contains("mtime: ") && !line.contains("mtime: 0:0")).count()
}

#[test]
fn git_need_not_read_again_what_a_load_has_written() {
    let sandbox = many(1500);
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    let (known, all) = (known_entries(&sandbox), sandbox.git(&["ls-files"]).lines().count());
    assert!(known * 2 > all, "stat data for {known} of {all} entries");
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    sandbox.git(&["update-index", "--really-refresh"]);
    assert_eq!(sandbox.git(&["diff-files", "--name-only"]), "");
}

/// Sleeps to the beginning of a second of the clock.
fn begin_a_second() {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    std::thread::sleep(Duration::from_nanos(1_000_000_000 - u64::from(age.subsec_nanos())));
}

#[test]
fn an_edit_of_the_same_size_in_the_same_second_is_seen_by_git() {
    let sandbox = many(300);
    for round in 0..6 {
        begin_a_second();
        std::thread::sleep(Duration::from_millis(130 * round));
        let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
        for number in [0, 150, 299] {
            std::fs::write(sandbox.path(format!("d{}/f{number}", number % 7)), format!("numbed {number}\n")).unwrap();
        }
        let changed = sandbox.git(&["status", "--porcelain"]);
        assert_eq!(changed.lines().count(), 3, "round {round}: {changed}");
        sandbox.git(&["add", "-A"]);
    }
}

#[test]
fn what_the_old_index_knew_of_its_own_second_is_not_believed_later() {
    let sandbox = Sandbox::new();
    sandbox.save(&["good"]);
    sandbox.write("b.txt", "new\n");
    begin_a_second();
    sandbox.write("a.txt", "alphb\n");
    sandbox.write("a.txt", "alpha\n");
    std::thread::sleep(Duration::from_millis(20));
    sandbox.git(&["add", "-A"]);
    std::fs::write(sandbox.path("a.txt"), "alphc\n").unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    let _ = sandbox.ckpt(&["save", "--always"]).succeeds();
    let _ = sandbox.ckpt(&["load", "good", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    let _ = sandbox.ckpt(&["undo", "--yes"]).succeeds();
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "AM a.txt\nA  b.txt".replace("AM", " M"));
}

#[test]
fn the_mask_of_the_process_does_not_matter() {
    let sandbox = Sandbox::new();
    let modes = [("plain", 0o644), ("wide", 0o666), ("tight", 0o600), ("program", 0o755), ("fixed", 0o444)];
    for (name, mode) in modes {
        sandbox.write(format!("many/{name}"), "one\n");
        sandbox.chmod(format!("many/{name}"), mode);
    }
    sandbox.save(&["good"]);
    let good = sandbox.picture();
    for mask in ["000", "022", "077", "777"] {
        for (name, _) in modes {
            sandbox.remove(format!("many/{name}"));
            sandbox.write(format!("many/{name}"), mask);
        }
        let script = format!("umask {mask}; exec {} load good --yes", env!("CARGO_BIN_EXE_ckpt"));
        let _ = Outcome::of(sandbox.command("sh").args(["-c", &script])).succeeds();
        good.must_equal(&sandbox.picture(), mask);
    }
}
