//! `ckpt note`, `decide`, `issue`, `todo`, `next`: an event and a line each.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::sandbox::{Outcome, Sandbox};

/// The lines of `events/` in the session's chain.
pub fn events(sandbox: &Sandbox) -> Vec<Value> {
    let listed = sandbox.git(&["ls-tree", "-r", "--name-only", "refs/ckpt/sessions/main", "events/"]);
    let texts = listed.lines().map(|path| sandbox.git(&["show", &format!("refs/ckpt/sessions/main:{path}")]));
    let lines: Vec<String> = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn context(sandbox: &Sandbox) -> String {
    sandbox.git(&["show", "refs/ckpt/sessions/main:context.md"])
}

/// The subjects of the session's chain, newest first.
pub fn story(sandbox: &Sandbox) -> Vec<String> {
    sandbox.git(&["log", "--format=%s", "refs/ckpt/sessions/main"]).lines().map(str::to_owned).collect()
}

fn with_stdin(sandbox: &Sandbox, arguments: &[&str], text: &[u8]) -> Outcome {
    let mut command = sandbox.ckpt_command(arguments);
    let path = sandbox.root().join("stdin");
    std::fs::File::create(&path).unwrap().write_all(text).unwrap();
    Outcome::of(command.stdin(Stdio::from(std::fs::File::open(path).unwrap())))
}

#[test]
fn each_word_is_an_event_a_line_and_a_commit() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["note", "login works"]).succeeds().says("Added 1 to Current Work: 2026-11-21: login works");
    sandbox.ckpt(&["decide", "use JWT", "--why", "no state", "--instead-of", "cookies"]).succeeds();
    sandbox.ckpt(&["issue", "the token expires"]).succeeds().says("Added 1 to Known Issues: the token expires");
    sandbox.ckpt(&["todo", "add", "write the docs"]).succeeds();
    sandbox.ckpt(&["next", "run the tests", "split the handler"]).succeeds().says("Added 2 to Next Session");
    sandbox.ckpt(&["issue", "done", "1"]).succeeds().says("Done: 1 of Known Issues: the token expires");
    let kinds: Vec<_> = events(&sandbox).iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["note", "decision", "issue", "todo", "next", "issue-done"]);
    let decision = &events(&sandbox)[1];
    assert_eq!((&decision["why"], &decision["instead_of"]), (&"no state".into(), &"cookies".into()));
    assert_eq!(decision["time"], "2026-11-21T09:00:00Z");
    let story = story(&sandbox);
    assert_eq!(story.len(), 6);
    assert_eq!(
        (story[0].as_str(), story[1].as_str()),
        ("issue done: the token expires", "next: run the tests; split the handler")
    );
    let text = context(&sandbox);
    for line in [
        "- 2026-11-21: login works",
        "- 2026-11-21: use JWT — because no state; instead of cookies",
        "- [x] the token expires",
        "- [ ] write the docs",
        "1. run the tests\n2. split the handler",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(sandbox.git(&["status", "--short"]), "");
}

#[test]
fn numbers_are_places_and_stay() {
    let sandbox = Sandbox::new();
    for text in ["one", "two", "three"] {
        sandbox.ckpt(&["todo", "add", text]).succeeds();
    }
    sandbox.ckpt(&["todo", "done", "two"]).succeeds().says("Done: 2 of Todo: two");
    sandbox.ckpt(&["todo", "done", "2"]).succeeds().says("2 of Todo was done already: two");
    assert_eq!(story(&sandbox).len(), 4, "what was so already is no commit");
    sandbox.ckpt(&["todo", "move", "3", "1"]).succeeds().says("Moved to 1 of Todo: three");
    sandbox.ckpt(&["todo", "list"]).succeeds().says("1 [ ] three\n2 [ ] one\n3 [x] two\n");
    let items = sandbox.ckpt(&["todo", "list", "--json"]).succeeds().json();
    assert_eq!((&items["schema"], &items["section"]), (&"ckpt.items/1".into(), &"Todo".into()));
    assert_eq!((&items["items"][2]["done"], &items["items"][2]["number"]), (&true.into(), &3.into()));
    let word = sandbox.ckpt(&["issue", "x", "--json"]).succeeds().json();
    assert_eq!((&word["schema"], &word["event"]["kind"]), (&"ckpt.word/1".into(), &"issue".into()));
    assert_eq!((&word["items"][0]["number"], &word["file"]), (&1.into(), &Value::Null));
    sandbox.ckpt(&["issue", "list"]).succeeds().says("1 [ ] x");
}

#[test]
fn text_comes_from_stdin_too() {
    let sandbox = Sandbox::new();
    with_stdin(&sandbox, &["note", "-"], b"first line\nsecond line\n").succeeds();
    with_stdin(&sandbox, &["next", "-"], b"one\n\n two \n").succeeds().says("Added 2 to Next Session: two");
    with_stdin(&sandbox, &["context", "set", "Architecture", "-"], b"three layers\n").succeeds();
    let text = context(&sandbox);
    assert!(text.contains("- 2026-11-21: first line\n  second line\n"), "{text}");
    assert!(text.contains("## Architecture\n\nthree layers\n"), "{text}");
    assert_eq!(events(&sandbox)[0]["text"], "first line\nsecond line");
    with_stdin(&sandbox, &["note", "-"], b"\xff").ends_with(1).warns("not UTF-8");
    with_stdin(&sandbox, &["note", "-"], &vec![b'x'; (1 << 20) + 1]).ends_with(1).warns("longer than 1 MiB");
}

#[test]
fn words_that_make_no_sense_change_nothing() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["issue", "the token expires"]).succeeds();
    sandbox.ckpt(&["issue", "the token leaks"]).succeeds();
    let before = story(&sandbox);
    for text in ["", "  \n"] {
        sandbox.ckpt(&["note", text]).ends_with(1).warns("the text is empty");
        sandbox.ckpt(&["next", "fine", text]).ends_with(1).warns("the text is empty");
    }
    sandbox.ckpt(&["issue", "done", "token"]).ends_with(1).warns("more than one").warns("2  the token leaks");
    sandbox.ckpt(&["issue", "done", "cookie"]).ends_with(1).warns("no open item of `Known Issues` holds `cookie`");
    sandbox.ckpt(&["issue", "done", "7"]).ends_with(1).warns("no item 7; it has 2");
    sandbox.ckpt(&["issue", "done", "0"]).ends_with(1);
    sandbox.ckpt(&["todo", "done", "1"]).ends_with(1);
    sandbox.ckpt(&["todo", "move", "1", "x"]).ends_with(2);
    sandbox.ckpt(&["issue"]).ends_with(2);
    sandbox.ckpt(&["context", "set", "Tasting Notes", "x"]).ends_with(1).warns("did you mean `Testing Notes`");
    let error = sandbox.ckpt(&["context", "set", "Zzz", "x", "--json"]).ends_with(1).json();
    assert_eq!(error["code"], "unknown-section");
    assert_eq!(story(&sandbox), before);
}

#[test]
fn of_two_sections_of_one_name_the_first_is_meant_and_said() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["init"]).succeeds();
    sandbox.write(".ckpt/context.md", "# C\n\n## Known Issues\n\n- [ ] a\n\n## Other\n\n## Known Issues\n\n- [ ] b\n");
    sandbox.ckpt(&["issue", "done", "1"]).succeeds().warns("1 more section of the context called `Known Issues`");
    assert!(context(&sandbox).contains("- [x] a\n") && context(&sandbox).ends_with("- [ ] b"));
}

#[test]
fn many_at_once_lose_nothing() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["init"]).succeeds();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let commands: Vec<_> = (0..5)
                .map(|number| sandbox.ckpt_command(&["issue", &format!("writer {writer} number {number}")]))
                .collect();
            scope.spawn(move || {
                for mut command in commands {
                    Outcome::of(&mut command).succeeds();
                }
            });
        }
    });
    let text = context(&sandbox);
    for writer in 0..4 {
        for number in 0..5 {
            let line = format!("- [ ] writer {writer} number {number}\n");
            assert_eq!(text.matches(&line).count(), 1, "{line}\n{text}");
        }
    }
    assert_eq!(events(&sandbox).iter().filter(|event| event["kind"] == "issue").count(), 20);
    let file = String::from_utf8(sandbox.read(".ckpt/context.md")).unwrap();
    assert_eq!(file.matches("- [ ] writer").count(), 20, "{file}");
}
