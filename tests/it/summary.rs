//! `ckpt summary`, `expand`, `pin` and `unpin`: a session's history in layers.

use std::fmt::Write;

use crate::sandbox::Sandbox;

/// So many events of the night before, in the journal.
fn with_events(count: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["decide", "use JWT", "--why", "no state"]).succeeds();
    sandbox.ckpt(&["issue", "the token expires"]).succeeds();
    sandbox.ckpt(&["next", "split main.rs", "write the docs"]).succeeds();
    append(&sandbox, 0, count);
    sandbox
}

fn append(sandbox: &Sandbox, from: usize, to: usize) {
    append_to(sandbox, "main", from, to);
}

fn append_to(sandbox: &Sandbox, session: &str, from: usize, to: usize) {
    let mut lines = String::new();
    for number in from..to {
        let (day, hour, minute) = (1 + number / 60 / 24, number / 60 % 24, number % 60);
        let kind = ["tool", "prompt", "commit", "tool"][number % 4];
        let text = ["Edit the parser", "make it work", "parser: read one more", "Run the tests"][number % 4];
        writeln!(
            lines,
            r#"{{"id":"{number:06x}abcdef","time":"2026-11-{day:02}T{hour:02}:{minute:02}:00Z","kind":"{kind}","text":"{text}","paths":["src/x.rs"]}}"#
        )
        .unwrap();
    }
    let folder = sandbox.git_dir().join("ckpt/journal");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{session}.jsonl"));
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(path, before + &lines).unwrap();
}

fn layers(sandbox: &Sandbox) -> String {
    sandbox.git(&["show", "refs/ckpt/sessions/main:layers/state.json"])
}

#[test]
fn nothing_is_told_of_an_empty_history() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["summary"]).succeeds().warns("nothing has happened yet");
    assert_eq!(sandbox.ckpt(&["summary", "-q"]).succeeds().stdout(), "");
    for layer in ["1", "2", "3"] {
        let value = sandbox.ckpt(&["summary", "--layer", layer, "--json"]).succeeds().json();
        assert_eq!((&value["schema"], value["lines"].as_array().unwrap().len()), (&"ckpt.summary/1".into(), 0));
    }
    sandbox.ckpt(&["summary", "--layer", "5"]).ends_with(2);
    sandbox.ckpt(&["summary", "none-such"]).ends_with(1).mentions("no session is called");
}

#[test]
fn one_event_is_told_and_unfolds() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["note", "it works"]).succeeds();
    sandbox.ckpt(&["summary"]).succeeds().says("it works").says("## Last hour");
    sandbox.ckpt(&["expand", "1"]).succeeds().says("text: it works").says("section: Current Work");
    let value = sandbox.ckpt(&["summary", "--json"]).succeeds().json();
    let line = &value["lines"][0];
    assert_eq!((&line["layer"], &line["part"]), (&1.into(), &"full".into()));
    let id = line["sources"][0].as_str().unwrap();
    let unfolded = sandbox.ckpt(&["expand", &id[..6], "--json"]).succeeds().json();
    assert_eq!((&unfolded["kind"], &unfolded["event"]["text"]), (&"event".into(), &"it works".into()));
    sandbox.ckpt(&["expand", line["id"].as_str().unwrap()]).succeeds().says("text: it works");
}

#[test]
fn old_work_is_compressed_once_and_what_stands_stays() {
    let sandbox = with_events(700);
    let text = sandbox.ckpt(&["summary"]).succeeds().stdout();
    for said in ["## Earlier", "use JWT — because no state", "open: the token expires", "next: write the docs"] {
        assert!(text.contains(said), "{said} in {text}");
    }
    let before = layers(&sandbox);
    assert!(before.starts_with("{\"version\":1,"), "{before}");
    sandbox.git(&["show", "refs/ckpt/sessions/main:layers/brief.md"]);
    // A new event changes nothing of what is compressed.
    let tip = sandbox.git(&["rev-parse", "refs/ckpt/sessions/main"]);
    append(&sandbox, 700, 701);
    sandbox.ckpt(&["summary"]).succeeds().says("## Earlier");
    assert_eq!((layers(&sandbox), sandbox.git(&["rev-parse", "refs/ckpt/sessions/main"])), (before, tip));
    sandbox.ckpt(&["issue", "done", "1"]).succeeds();
    sandbox.ckpt(&["summary"]).succeeds().does_not_say("open: the token expires");
    let brief = sandbox.ckpt(&["summary", "--layer", "3"]).succeeds().stdout();
    assert!(brief.contains("use JWT") && brief.lines().count() < 30, "{brief}");
}

#[test]
fn a_line_unfolds_into_its_events() {
    let sandbox = with_events(600);
    let value = sandbox.ckpt(&["summary", "--json"]).succeeds().json();
    let lines = value["lines"].as_array().unwrap();
    let earlier = lines.iter().position(|line| line["part"] == "earlier").unwrap();
    let unfolded = sandbox.ckpt(&["expand", &(earlier + 1).to_string(), "--json"]).succeeds().json();
    assert_eq!(unfolded["kind"], "line");
    assert_eq!(unfolded["items"].as_array().unwrap().len() as u64, lines[earlier]["count"].as_u64().unwrap());
    sandbox.ckpt(&["expand", "00002aabcdef"]).succeeds().says("00002aabcdef commit").says("paths: [\"src/x.rs\"]");
    sandbox.ckpt(&["expand", "ffff"]).ends_with(1).mentions("nothing is called");
    sandbox.ckpt(&["expand", "9999"]).ends_with(1);
    sandbox.ckpt(&["expand", "0000"]).ends_with(1).mentions("fits more than one event");
    sandbox.ckpt(&["expand", "L00000000"]).ends_with(1);
}

#[test]
fn a_checkpoint_and_a_commit_unfold_into_their_diffs() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "beta\n");
    let id = sandbox.save(&["-m", "it is beta"]);
    sandbox.ckpt(&["summary"]).succeeds().says("saved: it is beta");
    sandbox.ckpt(&["expand", "1"]).succeeds().says("-alpha").says("+beta");
    sandbox.ckpt(&["expand", &id[..10]]).succeeds().says("+beta");
    sandbox.ckpt(&["expand", "HEAD"]).succeeds().says("+alpha");
    let value = sandbox.ckpt(&["expand", &id, "--json"]).succeeds().json();
    assert_eq!((&value["kind"], &value["diff"]["files"][0]["path"]), (&"change".into(), &"a.txt".into()));
}

#[test]
fn a_budget_is_kept_and_a_number_of_lines_too() {
    let sandbox = with_events(400);
    for budget in ["120", "400", "1500"] {
        let value = sandbox.ckpt(&["summary", "--budget", budget, "--json"]).succeeds().json();
        assert!(value["tokens"].as_u64().unwrap() <= budget.parse().unwrap(), "{value}");
        assert!(value["text"].as_str().unwrap().contains("use JWT"), "{value}");
    }
    let text = sandbox.ckpt(&["summary", "--max-lines", "5"]).succeeds().stdout();
    assert_eq!(text.lines().count(), 5, "{text}");
    sandbox.ckpt(&["summary", "--budget", "2"]).ends_with(1).mentions("--budget");
    let small = sandbox.ckpt(&["summary", "--max-lines", "2"]).succeeds().stdout();
    assert!(small.contains("must be kept"), "what is missing is said: {small}");
}

#[test]
fn pins_stay_until_they_are_taken_off() {
    let sandbox = with_events(10);
    sandbox.ckpt(&["pin", "000003abcdef"]).succeeds().says("Pinned").says("Run the tests");
    sandbox.ckpt(&["pin", "000003abc"]).succeeds().says("Was pinned already");
    append(&sandbox, 10, 500);
    sandbox.ckpt(&["summary", "--layer", "3"]).succeeds().says("pinned: Run the tests");
    sandbox.ckpt(&["brief"]).succeeds().says("## Pinned\n").says("Run the tests");
    let value = sandbox.ckpt(&["unpin", "000003", "--json"]).succeeds().json();
    assert_eq!((&value["pinned"], &value["id"]), (&false.into(), &"000003abcdef".into()));
    sandbox.ckpt(&["summary"]).succeeds().does_not_say("pinned:");
    sandbox.ckpt(&["brief"]).succeeds().does_not_say("## Pinned");
    sandbox.ckpt(&["unpin", "000003"]).ends_with(1).mentions("is not pinned");
    sandbox.ckpt(&["pin", "nothing"]).ends_with(1).mentions("nothing is called");
}

#[test]
fn a_brief_has_the_layers_and_the_same_bytes_at_any_time() {
    let sandbox = with_events(600);
    sandbox.ckpt(&["summary", "-q"]).succeeds();
    let brief = sandbox.ckpt(&["brief"]).succeeds().says("## Earlier\n").stdout();
    sandbox.at("2027-01-01T00:00:00Z");
    assert_eq!(sandbox.ckpt(&["brief"]).succeeds().stdout(), brief);
    assert!(!brief.contains("older ones, `git log refs"), "the layers tell what is older: {brief}");
}

#[test]
fn damaged_layers_are_made_anew_and_newer_ones_left_alone() {
    let sandbox = with_events(600);
    sandbox.ckpt(&["summary", "-q"]).succeeds();
    let good = layers(&sandbox);
    replace_state(&sandbox, "{\"version\":1,");
    sandbox.ckpt(&["summary"]).succeeds().says("use JWT");
    assert_eq!(layers(&sandbox), good);
    let newer = "{\"version\":2,\"all\":\"new\"}";
    replace_state(&sandbox, newer);
    sandbox.ckpt(&["summary"]).succeeds().says("use JWT").says("## Earlier");
    sandbox.ckpt(&["summarize", "--now"]).succeeds().says("use JWT");
    assert_eq!(layers(&sandbox), newer);
}

/// Plumbing alone: the tip of the session with another state of the layers.
fn replace_state(sandbox: &Sandbox, text: &str) {
    sandbox.write("state", text);
    let blob = sandbox.git(&["hash-object", "-w", "state"]);
    sandbox.remove("state");
    let script = format!(
        "export GIT_INDEX_FILE=.git/state-index && git read-tree refs/ckpt/sessions/main && \
         git update-index --add --cacheinfo 100644,{blob},layers/state.json && tree=$(git write-tree) && \
         git cat-file commit refs/ckpt/sessions/main | sed \"1s/.*/tree $tree/\" > .git/new-commit && \
         id=$(git hash-object -t commit -w .git/new-commit) && git update-ref refs/ckpt/sessions/main $id"
    );
    crate::sandbox::Outcome::of(sandbox.command("sh").args(["-c", &script])).succeeds();
}

#[test]
fn everything_up_to_now_is_compressed_on_request() {
    let sandbox = with_events(0);
    sandbox.ckpt(&["note", "a moment ago"]).succeeds();
    sandbox.ckpt(&["summarize"]).succeeds().says("## Last hour");
    sandbox.ckpt(&["summarize", "--now"]).succeeds().does_not_say("## Last hour").says("a moment ago").says("use JWT");
    assert!(layers(&sandbox).contains("a moment ago"));
}

#[test]
fn strange_and_huge_events_do_no_harm() {
    let sandbox = Sandbox::new();
    let huge = "x\\u001b[2J".repeat(200_000);
    let lines = format!(
        "{{\"id\":\"aaaaaaaaaaaa\",\"time\":\"2026-11-21T08:59:00Z\",\"kind\":\"later \\u001b[2J\",\"text\":\"{huge}\",\"deep\":{{\"a\":[1]}}}}\n\
         not an event at all \u{1}\n\
         {{\"id\":\"bbbbbbbbbbbb\",\"time\":\"1970-01-01T00:00:00Z\",\"kind\":\"note\",\"text\":\"the clock went back\"}}\n"
    );
    let folder = sandbox.git_dir().join("ckpt/journal");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("main.jsonl"), lines).unwrap();
    let outcome = sandbox.ckpt(&["summary", "--budget", "500"]).succeeds().says("the clock went back");
    assert!(!outcome.stdout_bytes().contains(&0x1b) && outcome.stdout().len() < 3000);
    sandbox.ckpt(&["expand", "aaaa"]).succeeds().says("deep: {\"a\":[1]}");
    sandbox.set("COLUMNS", "3");
    sandbox.ckpt(&["summary"]).succeeds();
}

#[test]
fn a_pin_is_in_the_chain_before_it_is_answered() {
    let sandbox = with_events(8);
    sandbox.ckpt(&["pin", "000003abcdef"]).succeeds();
    assert!(sandbox.git(&["log", "-1", "--format=%s", "refs/ckpt/sessions/main"]).starts_with("pin: Run the tests"));
    std::fs::remove_dir_all(sandbox.git_dir().join("ckpt/journal")).unwrap();
    sandbox.ckpt(&["summary"]).succeeds().says("pinned: Run the tests").says("read one more");
    sandbox.ckpt(&["unpin", "000003abcdef"]).succeeds();
    assert!(sandbox.git(&["log", "-1", "--format=%s", "refs/ckpt/sessions/main"]).starts_with("unpin: Run the tests"));
}

#[test]
fn a_session_that_is_closed_is_compressed() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    sandbox.ckpt(&["decide", "use JWT", "--why", "no state"]).succeeds();
    sandbox.ckpt(&["session", "close", "--yes"]).succeeds();
    let state = sandbox.git(&["show", "refs/ckpt/sessions/login:layers/state.json"]);
    assert!(state.contains("use JWT"), "{state}");
    sandbox.ckpt(&["summary", "login"]).succeeds().says("use JWT");
    sandbox.ckpt(&["summary"]).succeeds().says("Login completed");
}

#[test]
fn a_long_interruption_is_compressed_on_return_and_a_short_one_costs_nothing() {
    let state = |sandbox: &Sandbox, name: &str| {
        let files = sandbox.git(&["ls-tree", "-r", "--name-only", &format!("refs/ckpt/sessions/{name}")]);
        files.contains("layers/state.json")
    };
    let sandbox = Sandbox::new();
    sandbox.commit("first");
    for (name, events, is_compressed) in [("short", 3, false), ("long", 200, true)] {
        sandbox.ckpt(&["branch", name]).succeeds();
        append_to(&sandbox, name, 0, events);
        sandbox.ckpt(&["return"]).succeeds();
        assert_eq!(state(&sandbox, name), is_compressed, "{name}");
    }
    sandbox.ckpt(&["undo"]).succeeds();
    sandbox.ckpt(&["redo"]).succeeds();
    sandbox.ckpt(&["summary", "long"]).succeeds().says("parser: read one more").says("by redo");
    sandbox.ckpt(&["branch", "kept"]).succeeds();
    append_to(&sandbox, "kept", 0, 200);
    sandbox.ckpt(&["return", "--keep"]).succeeds();
    assert!(!state(&sandbox, "kept"), "it goes on");
}

#[test]
fn a_revert_of_what_is_older_than_the_range_is_told_as_one() {
    let sandbox = Sandbox::new();
    for (text, subject) in [("one\n", "begin"), ("two\n", "fix(parser): do not crash (#2)"), ("one\n", "x")] {
        sandbox.write("src/main.rs", text);
        sandbox.git(&["add", "-A"]);
        sandbox.commit(subject);
    }
    sandbox.git(&["commit", "-q", "--amend", "-m", "Revert \"fix(parser): do not crash (#2)\" (#3)"]);
    let outcome = sandbox.ckpt(&["summarize", "HEAD~1..HEAD"]).succeeds().says("## Changed");
    outcome.says("1. Revert \"fix(parser): do not crash (#2)\" (#3)").does_not_say("Fixed");
    sandbox.ckpt(&["summarize", "HEAD..HEAD"]).succeeds().warns("HEAD..HEAD has no commits");
    sandbox.ckpt(&["expand", "1"]).succeeds().says("Revert");
}
