//! `ckpt replay`.

use std::time::Instant;

use serde_json::Value;

use crate::chain::{Chain, KINDS, line, wait};
use crate::sandbox::Sandbox;
use crate::terminal::on_terminal;

/// A save, words, an edit, a tool call that waits.
fn work() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.at("2026-11-21T08:00:00Z");
    sandbox.save(&["start", "-m", "it builds"]);
    sandbox.at("2026-11-21T08:10:00Z");
    let _ = sandbox.ckpt(&["decide", "use JWT", "--why", "no state"]).succeeds();
    sandbox.at("2026-11-21T08:20:00Z");
    sandbox.write("src/main.rs", "fn main() {\n    login()\n}\n");
    sandbox.write("logo.bin", b"\0\x01\x02");
    sandbox.save(&["login", "-m", "the login works"]);
    sandbox.at("2026-11-21T09:00:00Z");
    let fields =
        ",\"name\":\"Bash\",\"arguments\":{\"command\":\"cargo test\"},\"result\":\"test a\\ntest b\",\"failed\":true";
    wait(&sandbox, "main", &[line("2026-11-21T08:30:00Z", "tool", "", fields)]);
    sandbox
}

fn masked(text: &str) -> String {
    let is_id = |word: &str| word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mask = |word: &str| if is_id(word) { "..........".to_owned() } else { word.to_owned() };
    text.lines().map(|line| line.split(' ').map(mask).collect::<Vec<_>>().join(" ") + "\n").collect()
}

fn kinds(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let document = sandbox.ckpt(&[&["replay", "--json"], arguments].concat()).succeeds().json();
    assert_eq!(document["schema"], "ckpt.replay/1");
    let entries = document["entries"].as_array().unwrap().iter();
    entries.map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_session_is_told_from_its_beginning_with_what_changed() {
    let sandbox = work();
    let before = (sandbox.picture(), sandbox.repository());
    let outcome = sandbox.ckpt(&["replay"]).succeeds();
    insta::assert_snapshot!(masked(&outcome.stdout()), @r"
    2026-11-21 08:00:00  save  .......... start  it builds

    2026-11-21 08:10:00  decision  use JWT
      why: no state

    2026-11-21 08:20:00  save  .......... login  the login works
      A logo.bin  binary, 0 B -> 3 B
      M src/main.rs  +3 -1
      @@ -1 +1,3 @@
      -fn main() {}
      +fn main() {
      +    login()
      +}

    2026-11-21 08:30:00  tool  Bash cargo test (failed)
      arguments:
        command: cargo test
      result:
        test a
        test b
    ");
    assert_eq!(outcome.stderr(), "");
    assert!(before == (sandbox.picture(), sandbox.repository()), "a replay changes nothing");
}

#[test]
fn some_of_it() {
    let sandbox = work();
    assert_eq!(kinds(&sandbox, &[]), ["save", "decision", "save", "tool"]);
    assert_eq!(kinds(&sandbox, &["--skip-tool-calls"]), ["save", "decision", "save"]);
    assert_eq!(kinds(&sandbox, &["--from", "login"]), ["save", "tool"]);
    assert_eq!(kinds(&sandbox, &["main", "--from", "@~1"]), ["save", "decision", "save", "tool"]);
    let entries = sandbox.ckpt(&["replay", "--json"]).succeeds().json();
    let decision = entries["entries"][1]["id"].as_str().unwrap();
    assert_eq!(kinds(&sandbox, &["--from", &decision[..8]]), ["decision", "save", "tool"]);
    let files: Vec<&Value> =
        entries["entries"][2]["files"].as_array().unwrap().iter().map(|file| &file["path"]).collect();
    assert_eq!(files, ["logo.bin", "src/main.rs"]);
}

#[test]
fn what_is_not_there_is_named() {
    let sandbox = work();
    let _ = sandbox.ckpt(&["replay", "mian"]).ends_with(1).warns("did you mean `main`?");
    let _ = sandbox.ckpt(&["replay", "--from", "logan"]).ends_with(1).warns("login");
    let _ = sandbox.ckpt(&["replay", "--from", "beefbeef"]).ends_with(1).warns("does not have it");
    Chain::new(&sandbox, "fix", "").tell(&[("2026-11-20T08:00:00Z", "note", "one", "")]);
    let _ = sandbox.ckpt(&["replay", "fix", "--from", "login"]).ends_with(1).warns("`fix` does not have it");
    let outcome = Sandbox::new().ckpt(&["replay"]).succeeds().warns("nothing has happened yet in session main");
    assert_eq!(outcome.stdout(), "");
    let _ = sandbox.ckpt(&["replay", "--speed", "0"]).ends_with(2).warns("above 0");
    let _ = sandbox.ckpt(&["replay", "--step", "--speed", "2"]).ends_with(2);
}

#[test]
fn steps_need_a_terminal() {
    let sandbox = work();
    let _ = sandbox.ckpt(&["replay", "--step"]).ends_with(1).warns("no terminal").warns("leave it out");
    let failure = sandbox.ckpt(&["replay", "--step", "--json"]).ends_with(1).json();
    assert_eq!(failure["code"], "no-terminal");
}

#[test]
fn keys_go_on_and_back_and_show_the_diff() {
    let sandbox = work();
    let Some((code, screen)) = on_terminal(&sandbox, "replay --step --color never", "  bdnq") else { return };
    assert_eq!(code, 0, "{screen}");
    let place = |what: &str| screen.find(what).unwrap_or_else(|| panic!("{what}: {screen}"));
    assert!(place("it builds") < place("use JWT") && place("use JWT") < place("the login works"), "{screen}");
    assert_eq!(screen.matches("use JWT").count(), 2, "one forward, one back: {screen}");
    assert_eq!(screen.matches("nothing that has a diff").count(), 1, "{screen}");
    assert!(!screen.contains("cargo test"), "it was left before: {screen}");
    let (code, screen) = on_terminal(&sandbox, "replay --step --color never", "xxxx     ").unwrap();
    assert!(code == 0 && screen.contains("cargo test") && screen.contains("that is all"), "{screen}");
}

#[test]
fn a_speed_keeps_the_pauses_in_short() {
    let sandbox = Sandbox::new();
    let mut chain = Chain::new(&sandbox, "main", "");
    // The clock goes back in between: no pause comes of it.
    chain.tell(&[
        ("2026-11-20T08:00:00Z", "note", "one", ""),
        ("2026-11-20T07:00:00Z", "note", "two", ""),
        ("2026-11-20T07:00:30Z", "note", "three", ""),
    ]);
    let begun = Instant::now();
    let _ = sandbox.ckpt(&["replay", "--speed", "100"]).succeeds().says("one").says("three");
    assert!(begun.elapsed().as_millis() >= 300, "30 s at a hundredth of the time");
}

#[test]
fn every_kind_is_told_and_long_ones_are_cut() {
    let sandbox = Sandbox::new();
    let lines = KINDS
        .iter()
        .enumerate()
        .map(|(number, (kind, text, fields))| line(&format!("2026-11-21T08:{number:02}:00Z"), kind, text, fields));
    let mut lines: Vec<String> = lines.collect();
    let flood = "line after line\\n".repeat(5000);
    lines.push(line("2026-11-21T08:30:00Z", "tool", "", &format!(",\"name\":\"Read\",\"result\":\"{flood}\"")));
    wait(&sandbox, "main", &lines);
    let text = sandbox.ckpt(&["replay"]).succeeds().stdout();
    let (before, flood) = text.split_once("2026-11-21 08:30:00  tool  Read\n  result:\n").unwrap();
    let expected = "    line after line\n".repeat(19) + "  … 4,981 more lines\n\n";
    assert_eq!(flood, expected);
    let (_, agents) = before.split_once("2026-11-21 08:19:00").unwrap();
    insta::assert_snapshot!(agents, @r#"
      variable  area = auth

    2026-11-21 08:20:00  prompt  make it work
      and fast

    2026-11-21 08:21:00  tool  Bash cargo test (failed)
      arguments:
        command: cargo test
      result: 1 failed

    2026-11-21 08:22:00  tool  Edit src/main.rs
      result:
        lines: 3
      paths: src/main.rs

    2026-11-21 08:23:00  command  cargo test (exit 101)

    2026-11-21 08:24:00  novelty  from a newer ckpt
      depth: [1,{"x":null}]
    "#);
}

#[test]
fn the_lines_of_the_context_that_changed_are_shown() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["context", "set", "Architecture", "two crates"]).succeeds();
    let _ = sandbox.ckpt(&["context", "set", "Architecture", "three crates"]).succeeds();
    let _ = sandbox.ckpt(&["replay"]).succeeds().says("M context.md").says("-two crates").says("+three crates");
}

#[test]
fn a_chain_whose_beginning_is_gone_says_so() {
    let sandbox = Sandbox::new();
    let mut chain = Chain::new(&sandbox, "main", "");
    chain.tell(&[("2026-11-20T07:00:00Z", "note", "lost", ""), ("2026-11-20T07:10:00Z", "note", "kept", "")]);
    let lost = sandbox.git(&["rev-parse", "refs/ckpt/sessions/main~1"]);
    std::fs::remove_file(sandbox.git_dir().join(format!("objects/{}/{}", &lost[..2], &lost[2..]))).unwrap();
    let _ = sandbox.ckpt(&["replay"]).succeeds().says("kept").warns("cannot be read whole").warns(&lost);
    let document = sandbox.ckpt(&["replay", "--json"]).succeeds().json();
    assert_eq!(document["damaged"][0]["ref"], "refs/ckpt/sessions/main");
}
