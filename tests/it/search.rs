//! `ckpt search`.

use serde_json::Value;

use crate::chain::{Chain, line, wait};
use crate::sandbox::Sandbox;

fn hits(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let document = sandbox.ckpt(&[&["search", "--json"], arguments].concat()).succeeds().json();
    assert_eq!(document["schema"], "ckpt.search/1");
    document["hits"].as_array().unwrap().clone()
}

fn found(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let told = |hit: &Value| format!("{}: {}", hit["source"].as_str().unwrap(), hit["excerpt"].as_str().unwrap());
    hits(sandbox, arguments).iter().map(told).collect()
}

fn talked() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.at("2026-11-20T08:00:00Z");
    let _ = sandbox.ckpt(&["note", "the token is fake"]).succeeds();
    let _ = sandbox.ckpt(&["decide", "use JWT", "--why", "no state"]).succeeds();
    let _ = sandbox.ckpt(&["issue", "the token expires too early"]).succeeds();
    sandbox.save(&["login", "-m", "login works\n\nafter a fight with cookies"]);
    let _ = sandbox.ckpt(&["context", "set", "Architecture", "an old plan with queues"]).succeeds();
    let _ = sandbox.ckpt(&["context", "set", "Architecture", "no waiting"]).succeeds();
    sandbox.at("2026-11-21T09:00:00Z");
    let task = "task = \"mend the Übersicht\"\nparent = \"main\"";
    Chain::new(&sandbox, "fix", task).tell(&[
        ("2026-11-21T08:00:00Z", "tool", "", ",\"name\":\"Bash\",\"result\":\"tokens: 3 failed\""),
        ("2026-11-21T08:30:00Z", "commit", "mend tokenizer", ""),
    ]);
    wait(&sandbox, "main", &[line("2026-11-21T08:59:00Z", "prompt", "why does the token expire?", "")]);
    sandbox
}

#[test]
fn all_words_first_then_whole_ones_then_newer() {
    let sandbox = talked();
    let first = |arguments: &[&str]| found(&sandbox, arguments).into_iter().next().unwrap();
    assert_eq!(first(&["EXPIRES", "token"]), "issue: the token expires too early");
    assert!(first(&["token"]).contains("the token"), "a whole word goes before a part");
    let all = found(&sandbox, &["token"]);
    assert_eq!(all.len(), 5, "{all:?}");
    assert!(all.last().unwrap().contains("token") && all[3..].iter().any(|hit| hit.starts_with("commit")), "{all:?}");
    assert!(hits(&sandbox, &["token", "absent"]).iter().all(|hit| hit["matched"] == 1));
}

#[test]
fn everything_that_was_said_is_looked_through() {
    let sandbox = talked();
    assert_eq!(found(&sandbox, &["jwt"]), ["decision: use JWT, because no state"], "and not the document once more");
    assert_eq!(found(&sandbox, &["cookies"]), ["save: login: login works\n\nafter a fight with cookies"]);
    assert_eq!(found(&sandbox, &["übersicht"]), ["session: mend the Übersicht"]);
    assert_eq!(found(&sandbox, &["waiting"]), ["context: no waiting"]);
    let old = &hits(&sandbox, &["queues"])[0];
    assert_eq!((&old["excerpt"], &old["old"]), (&"an old plan with queues".into(), &true.into()));
    assert_eq!(old["place"], "Architecture");
    let _ = sandbox.ckpt(&["search", "queues"]).succeeds().says("no longer there");
}

#[test]
fn where_to_look() {
    let sandbox = talked();
    let sources = |arguments: &[&str]| -> Vec<String> {
        let all = hits(&sandbox, arguments);
        let mut sources: Vec<String> = all.iter().map(|hit| hit["source"].as_str().unwrap().to_owned()).collect();
        sources.sort();
        sources
    };
    assert_eq!(sources(&["token", "--in", "notes"]), ["note"]);
    assert_eq!(sources(&["token", "--in", "events"]), ["commit", "issue", "prompt", "tool"]);
    assert_eq!(sources(&["token", "--in", "context"]), ["context", "context"]);
    assert_eq!(sources(&["token", "--session", "fix"]), ["commit", "tool"]);
    assert_eq!(sources(&["token", "-n", "2"]).len(), 2);
    let _ = sandbox.ckpt(&["search", "token", "-n", "2"]).succeeds().warns("3 more fit less well");
    let _ = sandbox.ckpt(&["search", "x", "--session", "mian"]).ends_with(1).warns("did you mean `main`?");
}

#[test]
fn nothing_found_and_nothing_asked() {
    let sandbox = talked();
    let outcome = sandbox.ckpt(&["search", "xylophone"]).succeeds().warns("has these words").warns("--code");
    assert_eq!(outcome.stdout(), "");
    let _ = sandbox.ckpt(&["search", "  "]).ends_with(1).warns("nothing to look for");
    let _ = sandbox.ckpt(&["search"]).ends_with(2);
    let _ = sandbox.ckpt(&["search", "x", "--code", "y"]).ends_with(2);
    let _ = sandbox.ckpt(&["search", "x", "--in", "attic"]).ends_with(2).warns("attic");
    let _ = sandbox.ckpt(&["search", "x", "--in", "code,notes"]).ends_with(1).warns("look twice");
    let _ = sandbox.ckpt(&["search", "--code", ""]).ends_with(1).warns("nothing to look for");
    let _ = Sandbox::new().ckpt(&["search", "x"]).succeeds();
    let _ = Sandbox::new().ckpt(&["search", "--code", "x"]).succeeds().warns("nothing has been saved yet");
}

#[test]
fn hits_are_marked_in_colour_and_readable_without() {
    let sandbox = talked();
    let plain = sandbox.ckpt(&["search", "jwt"]).succeeds().stdout();
    let (first, second) = plain.split_once('\n').unwrap();
    assert!(first.starts_with("decision  ") && first.ends_with("  in main, 25h ago"), "{plain}");
    assert_eq!(second, "  use JWT, because no state\n");
    let _ = sandbox.ckpt(&["search", "jwt", "--color", "always"]).succeeds().says("\u{1b}[1m\u{1b}[31mJWT\u{1b}[0m");
}

fn saved_code() -> Sandbox {
    let sandbox = Sandbox::new();
    for (number, text) in
        ["fn main() {}\n", "// later\nfn main() {\n    needle();\n}\n", "fn main() { needle() }\n", "gone\n"]
            .iter()
            .enumerate()
    {
        sandbox.at(&format!("2026-11-21T08:0{number}:00Z"));
        sandbox.write("src/main.rs", text);
        if number == 2 {
            sandbox.write("deep/er/other.txt", "x\nneedle in a haystack\n");
            sandbox.write("logo.bin", b"needle\0");
        }
        sandbox.save(&[&format!("v{number}")]);
    }
    sandbox
}

#[test]
fn code_is_found_in_the_checkpoints_that_had_it() {
    let sandbox = saved_code();
    let document = sandbox.ckpt(&["search", "--code", "needle", "--json"]).succeeds().json();
    assert_eq!((&document["schema"], &document["checkpoints"]), (&"ckpt.search-code/1".into(), &4.into()));
    let places: Vec<_> = document["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| {
            let name = |which: &str| place[which]["names"][0].as_str().unwrap().to_owned();
            let path = place["path"].as_str().unwrap().to_owned();
            (path, place["line"].as_u64().unwrap(), name("first"), name("last"), place["present"].as_bool().unwrap())
        })
        .collect();
    let place = |path: &str, line, first: &str, last: &str, present| {
        (path.to_owned(), line, first.to_owned(), last.to_owned(), present)
    };
    assert_eq!(places, [place("deep/er/other.txt", 2, "v2", "v3", true), place("src/main.rs", 1, "v1", "v2", false)]);
    let text = sandbox.ckpt(&["search", "--code", "needle"]).succeeds().stdout();
    assert!(text.contains("in 2 of 4 checkpoints, not in the latest"), "{text}");
    assert!(text.contains("src/main.rs:1\n  fn main() { needle() }\n"), "{text}");
    let _ = sandbox
        .ckpt(&["search", "needle", "in", "--in", "code"])
        .succeeds()
        .says("other.txt:2")
        .does_not_say("main.rs");
    let _ = sandbox.ckpt(&["search", "--code", "Needle"]).succeeds().warns("no checkpoint has this text");
    let _ = sandbox.ckpt(&["search", "--code", "needle", "-n", "1"]).succeeds().warns("1 more path");
}

#[test]
fn a_large_file_is_searched_and_odd_names_are_shown() {
    let sandbox = Sandbox::new();
    let mut huge = b"line\n".repeat((17 << 20) / 5);
    let lines = huge.len() / 5;
    huge.extend_from_slice(b"a needle at its end\n");
    sandbox.write("huge.txt", &huge);
    sandbox.write(b"caf\xe9\x1b[2J", "needle\n");
    sandbox.save(&[]);
    let outcome = sandbox.ckpt(&["search", "--code", "needle"]).succeeds().says("caf\\xe9\\x1b[2J:1");
    let _ = outcome.says(&format!("huge.txt:{}\n  a needle at its end", lines + 1));
}
