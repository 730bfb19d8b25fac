//! `ckpt check` and `ckpt progress`: the check list of the session.

use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::sandbox::{Outcome, Sandbox};
use crate::words::{events, story};

const SESSION: &str = "refs/ckpt/sessions/main";

fn checklist(sandbox: &Sandbox) -> String {
    sandbox.git(&["show", &format!("{SESSION}:checklist.md")])
}

/// Gives the session this check list, as if it had been made from a template.
fn made_from(sandbox: &Sandbox, template: Option<&str>, text: &str) {
    sandbox.ckpt(&["note", "the session begins"]).succeeds();
    let mut record = sandbox.git(&["show", &format!("{SESSION}:session.toml")]);
    if let Some(name) = template {
        let version = sandbox.ckpt(&["template", "show", name, "--json"]).succeeds().json_text("version");
        record.push_str(&format!("\n[template]\nname = \"{name}\"\nversion = \"{version}\"\n"));
        record.push_str("\n[variables]\nword = \"filled\"\nother = \"a session's own\"\n");
    }
    let index = sandbox.root().join("index");
    let script = "git read-tree $1 && git update-index --add --cacheinfo 100644,$(git hash-object -w ../record),session.toml \
                  && git update-index --add --cacheinfo 100644,$(git hash-object -w ../list),checklist.md \
                  && git log -1 --format=%B $1 > ../message \
                  && git update-ref $1 $(git commit-tree -p $1 -F ../message $(git write-tree))";
    fs::write(sandbox.root().join("record"), record).unwrap();
    fs::write(sandbox.root().join("list"), text).unwrap();
    let mut shell = sandbox.command("sh");
    shell.env("GIT_INDEX_FILE", index).args(["-ec", script, "sh", SESSION]);
    let _ = Outcome::of(&mut shell).succeeds();
}

const LIST: &str = "Words before.\n\n## Understand\n\n- [ ] read the code\n  and the tests\n- [ ] ask the owner\n\n## Build\n\n- [ ] write it\n";

#[test]
fn items_are_marked_by_number_and_by_words() {
    let sandbox = Sandbox::new();
    made_from(&sandbox, None, LIST);
    sandbox
        .ckpt(&["check"])
        .succeeds()
        .says("main: 0 of 3 done")
        .says("Understand  0 of 2  ← here")
        .says("  3 [ ] write it");
    sandbox.ckpt(&["check", "1", "owner"]).succeeds().says("Done: 1 read the code").says("All of Understand is done");
    let wanted = LIST.replace("[ ] read", "[x] read").replace("[ ] ask", "[x] ask");
    assert_eq!(checklist(&sandbox), wanted.trim_end(), "every other byte stays");
    assert_eq!(story(&sandbox)[0], "check done: read the code; ask the owner");
    let told = events(&sandbox);
    let last = told.last().unwrap();
    assert_eq!((last["kind"].as_str(), last["text"].as_str()), (Some("check"), Some("ask the owner")));
    assert_eq!((last["item"].as_u64(), last["state"].as_str()), (Some(2), Some("done")));
    let count = story(&sandbox).len();
    sandbox.ckpt(&["check", "1"]).succeeds().says("1 was done already");
    assert_eq!(story(&sandbox).len(), count);
    sandbox.ckpt(&["check", "--undo", "read"]).succeeds().says("Open again: 1");
    let progress = sandbox.ckpt(&["progress"]).succeeds().says("1 of 2, 50%").says("0 of 1, 0%").says("1 of 3, 33%");
    let _ = progress.warns("next is 1: read the code");
    sandbox.ckpt(&["status"]).succeeds();
}

#[test]
fn what_is_meant_has_to_be_clear() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["check"]).succeeds().warns("no check list");
    let _ = sandbox.ckpt(&["progress"]).succeeds().warns("ckpt check --add");
    for arguments in [&["check", "1"][..], &["check", "--remove", "1"], &["check", "--run", "1"]] {
        let _ = sandbox.ckpt(arguments).ends_with(1).warns("the session has no check list");
    }
    made_from(&sandbox, None, LIST);
    let before = checklist(&sandbox);
    let _ = sandbox.ckpt(&["check", "t"]).ends_with(1).warns("more than one").warns("2  ask the owner");
    let _ = sandbox.ckpt(&["check", "ownre"]).ends_with(1).warns("2  ask the owner");
    let _ = sandbox.ckpt(&["check", "9"]).ends_with(1).warns("no item 9; it has 3");
    let _ = sandbox.ckpt(&["check", "1", "0"]).ends_with(1);
    let _ = sandbox.ckpt(&["check", "--undo"]).ends_with(2);
    let _ = sandbox.ckpt(&["check", "--run", "1"]).ends_with(1).warns("has no command");
    assert_eq!(checklist(&sandbox), before);
}

#[test]
fn items_are_added_and_removed() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["check", "--add", "write it"]).succeeds().says("Added 1 to the list: write it");
    sandbox.ckpt(&["check", "--add", "test it", "--phase", "Prove"]).succeeds().says("Added 2 to the new phase Prove");
    sandbox.ckpt(&["check", "--add", "measure it", "--phase", "prove"]).succeeds().says("Added 3 to Prove");
    let _ = sandbox.ckpt(&["check", "--add", "x", "--phase", "Proove"]).ends_with(1).warns("did you mean `Prove`");
    for text in ["", "a\nb", "a <!-- verify: rm -rf . -->"] {
        let _ = sandbox.ckpt(&["check", "--add", text]).ends_with(1);
    }
    sandbox.ckpt(&["check", "--remove", "test"]).succeeds().says("Removed: test it");
    assert_eq!(checklist(&sandbox), "- [ ] write it\n\n## Prove\n\n- [ ] measure it");
    let states: Vec<_> = events(&sandbox).iter().map(|event| event["state"].as_str().unwrap().to_owned()).collect();
    assert_eq!(states, ["added", "added", "added", "removed"]);
}

#[test]
fn a_checkpoint_keeps_the_list_and_a_load_leaves_it_alone() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["check", "--add", "write it"]).succeeds();
    sandbox.save(&["before"]);
    sandbox.ckpt(&["check", "1"]).succeeds();
    sandbox.write("a.txt", "changed\n");
    sandbox.save(&["after"]);
    let kept = |point: &str| sandbox.ckpt(&["show", point, "--json"]).succeeds().json_text("checklist");
    assert_eq!((kept("before").as_str(), kept("after").as_str()), ("- [ ] write it\n", "- [x] write it\n"));
    sandbox.ckpt(&["show", "after"]).succeeds().says("[x] write it");
    sandbox.ckpt(&["load", "before", "--yes"]).succeeds();
    assert_eq!(checklist(&sandbox), "- [x] write it");
}

/// A template with a command that is written in it, and one that is filled in.
const TEMPLATE: &str = "+++\n[variables.word]\ndefault = \"none\"\n+++\n# Plan\n## One\n\
                        - [ ] passes <!-- verify: echo ran >> ../ran; echo out -->\n\
                        - [ ] fails <!-- verify: exit 3 -->\n- [ ] filled <!-- verify: echo {{ word }} -->\n\
                        - [ ] endless <!-- verify: touch ../started; sleep 100; touch ../ended -->\n";

fn with_template() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("ours.md", TEMPLATE);
    sandbox.ckpt(&["template", "add", "ours.md"]).succeeds();
    let list = TEMPLATE.split_once("# Plan\n").unwrap().1.replace("{{ word }}", "filled");
    made_from(&sandbox, Some("ours"), &list);
    sandbox
}

fn has_run(sandbox: &Sandbox) -> bool {
    sandbox.root().join("ran").exists()
}

#[test]
fn a_command_runs_only_from_a_trusted_template() {
    let sandbox = with_template();
    sandbox.ckpt(&["check"]).succeeds().says("from the template ours").says("(not trusted)");
    let refused = sandbox.ckpt(&["check", "--run", "1"]).ends_with(1).warns("is not trusted");
    let refused = refused.warns("echo ran >> ../ran; echo out").warns("ckpt template trust ours");
    assert!(!has_run(&sandbox), "{}", refused.describe());
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds().says("echo filled");
    sandbox.ckpt(&["check", "--run", "1"]).succeeds().says("out\n").says("Verified: 1 passes");
    assert!(has_run(&sandbox) && checklist(&sandbox).contains("- [x] passes"));
    let event = events(&sandbox).pop().unwrap();
    assert_eq!((event["kind"].as_str(), event["state"].as_str()), (Some("check"), Some("verified")));
    assert_eq!((event["exit"].as_i64(), event["template"].as_str()), (Some(0), Some("ours")));
    sandbox.ckpt(&["check", "--run", "filled"]).succeeds().says("filled\n");
    sandbox.ckpt(&["check", "--run", "fails"]).ends_with(1).says("Not verified: 2 fails").says("ended with status 3");
    assert!(checklist(&sandbox).contains("- [ ] fails"));
    assert_eq!(events(&sandbox).pop().unwrap()["exit"], 3);
    sandbox.ckpt(&["template", "untrust", "ours"]).succeeds();
    let _ = sandbox.ckpt(&["check", "--run", "1"]).ends_with(1).warns("is not trusted");
}

#[test]
fn an_item_that_was_tampered_with_does_not_run() {
    let sandbox = with_template();
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds();
    made_from(
        &sandbox,
        None,
        "## One\n- [ ] passes <!-- verify: echo ran >> ../ran; echo evil -->\n- [ ] filled <!-- verify: echo other -->\n",
    );
    for item in ["1", "2"] {
        let _ = sandbox.ckpt(&["check", "--run", item]).ends_with(1).warns("is not trusted");
    }
    // Trust that is given anew is for what the template says, not for what stands in the list.
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds().does_not_say("evil").does_not_say("other");
    let _ = sandbox.ckpt(&["check", "--run", "1"]).ends_with(1);
    assert!(!has_run(&sandbox));
}

#[test]
fn a_list_without_a_template_and_a_changed_template_run_nothing() {
    let sandbox = Sandbox::new();
    made_from(&sandbox, None, "- [ ] a <!-- verify: touch ../ran -->\n");
    let _ = sandbox.ckpt(&["check", "--run", "1"]).ends_with(1).warns("from no template");
    let sandbox = with_template();
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds();
    sandbox.write("ours.md", TEMPLATE.replace("## One", "## Two"));
    sandbox.ckpt(&["template", "add", "ours.md"]).succeeds();
    // The session is of the version that was trusted.
    sandbox.ckpt(&["check", "--run", "1"]).succeeds();
    sandbox.ckpt(&["template", "untrust", "ours"]).succeeds();
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds();
    let _ = sandbox.ckpt(&["check", "--run", "1"]).ends_with(1);
}

#[test]
fn a_command_ends_in_time_and_with_ckpt() {
    let sandbox = with_template();
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds();
    let started = Instant::now();
    let outcome = sandbox.ckpt(&["check", "--run", "endless", "--timeout", "1", "--json"]).ends_with(1);
    assert!(started.elapsed() < Duration::from_secs(30));
    let document = outcome.json();
    assert_eq!(
        (document["schema"].as_str(), document["ended"].as_str()),
        (Some("ckpt.check-run/1"), Some("timed-out"))
    );
    assert_eq!((document["verified"].as_bool(), document["exit"].is_null()), (Some(false), true));
    let printed = sandbox.ckpt(&["check", "--run", "1", "--json"]).succeeds();
    assert_eq!(printed.json()["exit"], 0, "what the command prints is on stderr");
    assert!(printed.stderr().contains("out\n"), "{}", printed.describe());
}

#[test]
fn each_command_answers_with_its_document() {
    let sandbox = Sandbox::new();
    made_from(&sandbox, None, LIST);
    let list = sandbox.ckpt(&["check", "--json"]).succeeds().json();
    assert_eq!((list["schema"].as_str(), list["items"].as_u64()), (Some("ckpt.checklist/1"), Some(3)));
    assert_eq!(
        (list["current"].as_str(), list["phases"][0]["items"][1]["number"].as_u64()),
        (Some("Understand"), Some(2))
    );
    let progress = sandbox.ckpt(&["progress", "--json"]).succeeds().json();
    assert_eq!(progress, list);
    for (arguments, action) in [
        (&["check", "1"][..], "done"),
        (&["check", "1", "--undo"], "open"),
        (&["check", "--add", "x"], "added"),
        (&["check", "--remove", "x"], "removed"),
    ] {
        let document = sandbox.ckpt(&[arguments, &["--json"]].concat()).succeeds().json();
        assert_eq!((document["schema"].as_str(), document["action"].as_str()), (Some("ckpt.check/1"), Some(action)));
    }
}

#[test]
fn foreign_text_is_shown_and_never_obeyed() {
    let sandbox = Sandbox::new();
    made_from(&sandbox, None, "## P\u{1b}[2J\n- [ ] a\u{1b}]0;x\u{7} <!-- verify: echo \u{1b}[31m\u{202e} -->\n");
    for arguments in [&["check"][..], &["progress"], &["check", "--run", "1"], &["check", "1"]] {
        let outcome = sandbox.ckpt(arguments);
        assert!(
            !(outcome.stdout() + &outcome.stderr()).contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{}",
            outcome.describe()
        );
    }
}

#[test]
fn who_stops_ckpt_stops_the_command() {
    let sandbox = with_template();
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds();
    let mut command = sandbox.ckpt_command(&["check", "--run", "endless"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while !sandbox.root().join("started").exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "it never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = Outcome::of(sandbox.command("kill").args(["-TERM", &child.id().to_string()])).succeeds();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("was interrupted"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(60));
    assert!(checklist(&sandbox).contains("- [ ] endless"));
    assert_eq!(events(&sandbox).pop().unwrap()["ended"], "interrupted");
}

#[test]
fn a_state_folder_that_is_damaged_trusts_nothing_and_says_so() {
    let sandbox = with_template();
    sandbox.ckpt(&["template", "trust", "ours"]).succeeds();
    let path = sandbox.home().join(".local/state/ckpt/trusted-templates.toml");
    fs::write(&path, "version = 1\ntrusted = 7\n").unwrap();
    sandbox.ckpt(&["check"]).succeeds().says("(not trusted)");
    for arguments in [&["check", "--run", "1"][..], &["template", "trust", "ours"]] {
        let _ = sandbox.ckpt(arguments).ends_with(4).warns("trusted-templates.toml").warns("mv ");
    }
    fs::write(&path, "version = 2\n").unwrap();
    let _ = sandbox.ckpt(&["check", "--run", "1"]).ends_with(4).warns("newer ckpt");
    assert!(!has_run(&sandbox));
}
