//! `ckpt log`.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::chain::{Chain, KINDS, line, wait};
use crate::sandbox::Sandbox;
use crate::terminal::on_terminal;

/// Saves and words of a morning.
fn morning() -> Sandbox {
    let sandbox = Sandbox::new();
    let at = |minute: &str| sandbox.at(&format!("2026-11-21T{minute}:00Z"));
    at("08:00");
    sandbox.save(&["start", "-m", "it builds"]);
    at("08:10");
    let _ = sandbox.ckpt(&["decide", "use JWT", "--why", "no state", "--instead-of", "cookies"]).succeeds();
    at("08:20");
    sandbox.write("src/main.rs", "fn main() { login() }\n");
    sandbox.save(&["-m", "the login works\n\nbut slowly"]);
    at("08:30");
    let _ = sandbox.ckpt(&["issue", "the token expires"]).succeeds();
    at("09:00");
    sandbox
}

/// `main` was left for `fix`, which came back; `later` was left for and is still open.
fn family(sandbox: &Sandbox) {
    let mut main = Chain::new(sandbox, "main", "");
    main.tell(&[
        ("2026-11-20T08:00:00Z", "note", "one", ""),
        ("2026-11-20T08:10:00Z", "branch", "left for fix", ",\"child\":\"fix\",\"child_branch\":\"fix\""),
    ]);
    let mut fix = Chain::new(sandbox, "fix", "parent = \"main\"\nstate = \"complete\"");
    fix.tell(&[
        ("2026-11-20T08:20:00Z", "note", "found it", ""),
        ("2026-11-20T08:30:00Z", "commit", "fix it", ""),
        // A little after the commit with which it came back.
        ("2026-11-20T08:40:01Z", "session", "completed", ",\"state\":\"completed\""),
    ]);
    let back = line("2026-11-20T08:40:00Z", "return", "fix came back", ",\"child\":\"fix\",\"outcome\":\"merged\"");
    main.commit("2026-11-20T08:40:00Z", &[back], fix.tip.as_deref());
    main.tell(&[
        ("2026-11-20T08:50:00Z", "note", "two", ""),
        ("2026-11-21T08:00:00Z", "branch", "left for later", ",\"child\":\"later\""),
    ]);
    Chain::new(sandbox, "later", "parent = \"main\"").tell(&[("2026-11-21T08:10:00Z", "prompt", "do it", "")]);
}

/// The text with the ids blanked: they hold the salt of their moment.
fn masked(text: &str) -> String {
    let is_id = |word: &str| word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mask = |word: &str| if is_id(word) { "..........".to_owned() } else { word.to_owned() };
    text.lines().map(|line| line.split(' ').map(mask).collect::<Vec<_>>().join(" ") + "\n").collect()
}

fn entries(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let document = sandbox.ckpt(&[&["log", "--json"], arguments].concat()).succeeds().json();
    assert_eq!(document["schema"], "ckpt.log/1");
    document["entries"].as_array().unwrap().clone()
}

fn texts(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    entries(sandbox, arguments).iter().map(|entry| entry["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_newest_is_first_by_day() {
    let sandbox = morning();
    let outcome = sandbox.ckpt(&["log"]).succeeds();
    insta::assert_snapshot!(masked(&outcome.stdout()), @r"
    Sat 2026-11-21, today
      08:30  ..........  issue       the token expires
      08:20  ..........  save        the login works
      08:10  ..........  decision    use JWT, because no state, instead of cookies
      08:00  ..........  save        start  it builds
    ");
    assert_eq!(outcome.stderr(), "");
}

#[test]
fn nothing_yet_says_so() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.ckpt(&["log"]).succeeds().warns("nothing has happened yet").warns("ckpt save");
    assert_eq!(outcome.stdout(), "");
    assert!(entries(&sandbox, &[]).is_empty());
    let _ = sandbox.ckpt(&["log", "--since", "1h"]).succeeds().warns("nothing that happened fits");
    let _ = Sandbox::empty().ckpt(&["log"]).ends_with(1).warns("git init");
}

#[test]
fn a_session_leaves_another_and_comes_back_in_the_graph() {
    let sandbox = Sandbox::new();
    family(&sandbox);
    insta::assert_snapshot!(masked(&sandbox.ckpt(&["log", "--graph"]).succeeds().stdout()), @r"
    Sat 2026-11-21, today
      o 08:10  ..........  later  prompt      do it
    |/
    o 08:00  ..........  main   branch      left for later
    |
    | Fri 2026-11-20, yesterday
    o 08:50  ..........  main   note        two
    o 08:40  ..........  main   return      fix came back (merged)
    |\
    | o 08:40  ..........  fix    session     completed
    | o 08:30  ..........  fix    commit      fix it
    | o 08:20  ..........  fix    note        found it
    |/
    o 08:10  ..........  main   branch      left for fix (fix)
    o 08:00  ..........  main   note        one
    ");
    insta::assert_snapshot!(masked(&sandbox.ckpt(&["log", "fix", "--graph"]).succeeds().stdout()), @r"
    Fri 2026-11-20, yesterday
    o 08:40  ..........  session     completed
    o 08:30  ..........  commit      fix it
    o 08:20  ..........  note        found it
    ");
    let joins: Vec<_> =
        entries(&sandbox, &[]).iter().filter_map(|entry| entry["joins"].as_str().map(str::to_owned)).collect();
    assert_eq!(joins, ["fix"]);
}

#[test]
fn without_the_event_the_second_parent_tells_who_came_back() {
    let sandbox = Sandbox::new();
    let mut fix = Chain::new(&sandbox, "fix", "parent = \"main\"\nstate = \"complete\"");
    fix.tell(&[("2026-11-20T08:00:00Z", "note", "inside", "")]);
    let mut main = Chain::new(&sandbox, "main", "");
    main.tell(&[("2026-11-20T07:00:00Z", "branch", "left", ",\"child\":\"fix\"")]);
    let after = line("2026-11-20T08:00:00Z", "note", "back again", "");
    main.commit("2026-11-20T08:00:00Z", &[after], fix.tip.as_deref());
    assert_eq!(texts(&sandbox, &[]), ["back again", "inside", "left"]);
    assert_eq!(entries(&sandbox, &[])[0]["joins"], "fix");
}

#[test]
fn filters() {
    let sandbox = morning();
    assert_eq!(texts(&sandbox, &["--type", "decision"]), ["use JWT"]);
    assert_eq!(texts(&sandbox, &["--type", "checkpoint,issue"]), ["the token expires", "the login works", "it builds"]);
    assert_eq!(texts(&sandbox, &["--type", "save", "-n", "1"]), ["the login works"]);
    assert_eq!(texts(&sandbox, &["--since", "45m"]), ["the token expires", "the login works"]);
    assert_eq!(texts(&sandbox, &["--until", "2026-11-21 08:15"]), ["use JWT", "it builds"]);
    assert_eq!(texts(&sandbox, &["--path", "src"]), ["the login works"]);
    assert_eq!(texts(&sandbox, &["--path", "a.txt"]), Vec::<String>::new());
    assert_eq!(texts(&sandbox, &["main", "-n", "1"]), ["the token expires"]);
    let document = sandbox.ckpt(&["log", "--json", "-n", "1"]).succeeds().json();
    assert_eq!(document["truncated"], true);
    let _ = sandbox.ckpt(&["log", "-n", "1"]).succeeds().warns("there is more");
    let _ = sandbox.ckpt(&["log", "--type", "decison"]).succeeds().warns("did you mean `--type decision`?");
    let _ = sandbox.ckpt(&["log", "--type", "novelty"]).succeeds().does_not_say("did you mean");
    let _ = sandbox.ckpt(&["log", "mian"]).ends_with(1).warns("did you mean `main`?");
    let _ = sandbox.ckpt(&["log", "--since", "someday"]).ends_with(1).warns("someday");
    let _ = sandbox.ckpt(&["log", "--path", "../elsewhere"]).ends_with(1).warns("outside");
    let _ = sandbox.ckpt(&["log", "-n", "few"]).ends_with(2);
}

#[test]
fn paths_of_commits_and_of_tool_calls_count() {
    let sandbox = Sandbox::new();
    let id = sandbox.git(&["rev-parse", "HEAD"]);
    let tool = line("2026-11-21T08:00:00Z", "tool", "edited", ",\"name\":\"Edit\",\"paths\":[\"src/main.rs\"]");
    let commit = line("2026-11-21T08:01:00Z", "commit", "first", &format!(",\"commit\":\"{id}\""));
    let gone =
        line("2026-11-21T08:02:00Z", "commit", "gone", ",\"commit\":\"00000000000000000000000000000000000000aa\"");
    wait(&sandbox, "main", &[tool, commit, gone]);
    assert_eq!(texts(&sandbox, &["--path", "src/main.rs"]), ["first", "edited"]);
    assert_eq!(texts(&sandbox, &["--path", "a.txt"]), ["first"]);
    assert_eq!(texts(&sandbox, &["--path", "absent"]), Vec::<String>::new());
}

#[test]
fn every_kind_is_told_in_words() {
    let sandbox = Sandbox::new();
    let lines = KINDS
        .iter()
        .enumerate()
        .map(|(number, (kind, text, fields))| line(&format!("2026-11-21T08:{number:02}:00Z"), kind, text, fields));
    wait(&sandbox, "main", &lines.collect::<Vec<_>>());
    insta::assert_snapshot!(masked(&sandbox.ckpt(&["log"]).succeeds().stdout()), @r#"
    Sat 2026-11-21, today
      08:24  ..........  novelty     from a newer ckpt {"depth":[1,{"x":null}]}
      08:23  ..........  command     cargo test (exit 101)
      08:22  ..........  tool        Edit src/main.rs
      08:21  ..........  tool        Bash cargo test (failed)
      08:20  ..........  prompt      make it work …
      08:19  ..........  variable    area = auth
      08:18  ..........  unpin       use JWT
      08:17  ..........  pin         use JWT
      08:16  ..........  check       [ ] write a test
      08:15  ..........  return      fix came back (merged)
      08:14  ..........  branch      fix (hot/fix)
      08:13  ..........  session     paused
      08:12  ..........  failure     the build is broken
      08:11  ..........  rewrite     rebased 2 commits
      08:10  ..........  merge       Merge side
      08:09  ..........  checkout    side
      08:08  ..........  commit      add login (0123456789, +3 -1)
      08:07  ..........  context     set Architecture
      08:06  ..........  next        run the tests; split it
      08:05  ..........  todo-done   write the docs
      08:04  ..........  todo        write the docs
      08:03  ..........  issue-done  the token expires
      08:02  ..........  issue       the token expires
      08:01  ..........  decision    use JWT, because no state, instead of cookies
      08:00  ..........  note        the login works
    "#);
    let newest = &entries(&sandbox, &[])[0];
    assert_eq!(newest["fields"], serde_json::json!({ "depth": [1, { "x": null }] }));
    assert_eq!(newest["commit"], Value::Null);
}

#[test]
fn a_clock_that_runs_backwards_changes_no_order() {
    let sandbox = Sandbox::new();
    for (moment, note) in
        [("2026-11-21T08:00:00Z", "one"), ("1970-01-02T00:00:00Z", "two"), ("2099-01-01T00:00:00Z", "three")]
    {
        sandbox.at(moment);
        let _ = sandbox.ckpt(&["note", note]).succeeds();
    }
    sandbox.at("2026-11-21T09:00:00Z");
    let _ = sandbox.ckpt(&["note", "four"]).succeeds();
    assert_eq!(texts(&sandbox, &[]), ["four", "three", "two", "one"]);
    let _ = sandbox.ckpt(&["log"]).succeeds().says("2099-01-01").says("1970-01-02");
}

#[test]
fn what_is_folded_while_it_waits_is_told_once() {
    let sandbox = Sandbox::new();
    let events: Vec<String> =
        (0..3).map(|number| line("2026-11-21T08:00:00Z", "tool", &number.to_string(), "")).collect();
    wait(&sandbox, "main", &events);
    let _ = sandbox.ckpt(&["note", "folds them"]).succeeds();
    // A fold that died after its commit leaves its file behind.
    let folder = sandbox.git_dir().join("ckpt/journal");
    std::fs::write(folder.join("main~1.folding"), events.join("\n") + "\n").unwrap();
    let mut told = texts(&sandbox, &[]);
    told.sort();
    assert_eq!(told, ["0", "1", "2", "folds them"]);
}

#[test]
fn a_dropped_checkpoint_stays_in_the_history() {
    let sandbox = morning();
    let _ = sandbox.ckpt(&["drop", "start", "--yes"]).succeeds();
    let _ = sandbox.ckpt(&["log"]).succeeds().says("it builds (dropped)");
    let entries = entries(&sandbox, &["--type", "save"]);
    assert_eq!(entries[1]["checkpoint"]["point"], Value::Null);
}

#[test]
fn what_is_damaged_ends_one_session_and_not_the_others() {
    let sandbox = Sandbox::new();
    family(&sandbox);
    let mut odd = Chain::new(&sandbox, "odd", "");
    odd.tell(&[("2026-11-20T07:00:00Z", "note", "lost", ""), ("2026-11-20T07:10:00Z", "note", "kept", "")]);
    let lost = sandbox.git(&["rev-parse", "refs/ckpt/sessions/odd~1"]);
    std::fs::remove_file(sandbox.git_dir().join(format!("objects/{}/{}", &lost[..2], &lost[2..]))).unwrap();
    let outcome = sandbox.ckpt(&["log"]).succeeds().says("kept").says("one").warns("the history of odd");
    assert!(outcome.stderr().contains(&lost), "{}", outcome.describe());
    let document = sandbox.ckpt(&["log", "--json"]).succeeds().json();
    assert_eq!(document["damaged"][0]["ref"], "refs/ckpt/sessions/odd");
}

#[test]
fn a_session_of_a_newer_ckpt_is_named_and_passed_over() {
    let sandbox = morning();
    let mut newer = Chain::new(&sandbox, "newer", "");
    newer.tell(&[("2026-11-20T07:00:00Z", "note", "unknown ways", "")]);
    let record = sandbox.git(&["show", "refs/ckpt/sessions/newer:session.toml"]).replace("version = 1", "version = 9");
    sandbox.write("record", record);
    let blob = sandbox.git(&["hash-object", "-w", "record"]);
    let index = sandbox.root().join("index");
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command("git");
        let output = command.args(arguments).env("GIT_INDEX_FILE", &index).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    run(&["read-tree", "refs/ckpt/sessions/newer"]);
    run(&["update-index", "--cacheinfo", &format!("100644,{blob},session.toml")]);
    let commit = run(&["commit-tree", &run(&["write-tree"]), "-m", "x\n\nCkpt-Version: 9\nCkpt-Sequence: 0"]);
    sandbox.git(&["update-ref", "refs/ckpt/sessions/newer", &commit]);
    let _ = sandbox.ckpt(&["log"]).succeeds().says("use JWT").does_not_say("unknown ways").warns("newer");
}

#[test]
fn others_text_reaches_no_terminal_raw_and_no_screen_is_too_narrow() {
    let sandbox = Sandbox::new();
    let evil = "evil \u{1b}]0;title\u{7}\u{202e}\u{0}".to_owned() + &"日本 wide ".repeat(40_000);
    let mut lines: Vec<String> = KINDS
        .iter()
        .map(|(kind, ..)| {
            line("2026-11-21T08:00:00Z", kind, &evil, ",\"name\":\"\\u001b[31m\",\"x\\u001b\":1,\"child\":\"\\u001b\"")
        })
        .collect();
    lines.push(line("2026-11-21T08:00:00Z", "kind\\u001b[2J", "x", ""));
    wait(&sandbox, "main", &lines);
    for columns in [20, 30, 40, 60, 80, 200] {
        sandbox.set("COLUMNS", &columns.to_string());
        for arguments in [&["log"][..], &["log", "--graph"], &["replay"], &["search", "evil"]] {
            let text = sandbox.ckpt(arguments).succeeds().stdout();
            let raw = text.chars().find(|&one| one != '\n' && (one.is_control() || one == '\u{202e}'));
            assert_eq!(raw, None, "{arguments:?}");
            let wide =
                |line: &&str| line.chars().map(|one| if one as u32 > 0x2e80 { 2 } else { 1 }).sum::<usize>() > columns;
            assert_eq!(text.lines().find(wide), None, "{arguments:?} at {columns} columns");
        }
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let sandbox = Sandbox::new();
    let lines: Vec<String> =
        (0..20_000).map(|number| line("2026-11-21T08:00:00Z", "tool", &format!("call {number}"), "")).collect();
    wait(&sandbox, "main", &lines);
    for arguments in [&["log"][..], &["log", "--json"], &["replay"], &["log", "--graph"]] {
        let mut command = sandbox.ckpt_command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 100];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut first).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{arguments:?}");
    }
    assert_eq!(entries(&sandbox, &[]).len(), 20_000);
}

#[test]
fn a_long_one_goes_through_the_pager_as_it_comes() {
    let sandbox = Sandbox::new();
    let lines: Vec<String> =
        (0..20_000).map(|number| line("2026-11-21T08:00:00Z", "tool", &format!("call {number}."), "")).collect();
    wait(&sandbox, "main", &lines);
    // A screen without rows is longer than anything.
    let log = format!("--version; stty rows 24; {} log", env!("CARGO_BIN_EXE_ckpt"));
    sandbox.set("CKPT_PAGER", "head -3");
    let Some((code, screen)) = on_terminal(&sandbox, &log, "") else { return };
    assert!(code == 0 && screen.contains("call 19999.") && !screen.contains("call 19990."), "{screen}");
    assert!(!screen.contains("error"), "who leaves the pager is told nothing: {screen}");
    sandbox.set("CKPT_PAGER", "sed 's/call/heard/'");
    let (code, screen) = on_terminal(&sandbox, &log, "").unwrap();
    assert!(code == 0 && screen.contains("heard 19999.") && screen.contains("heard 0."), "all of it");
    sandbox.set("CKPT_PAGER", "/nonexistent/pager");
    let (code, screen) = on_terminal(&sandbox, &log, "").unwrap();
    assert!(code == 0 && screen.contains("call 19999.") && screen.contains("call 0."), "without it, all the same");
    let (_, screen) = on_terminal(&sandbox, "log --no-pager", "").unwrap();
    assert!(screen.contains("call 0.") && !screen.contains("nonexistent"));
}
