//! `ckpt session close`: what is shown, what is kept, what flows back.

use crate::sandbox::Sandbox;
use crate::session::{current, states};

/// A session with something of everything in it.
fn scene() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["issue", "known before"]).succeeds();
    sandbox.ckpt(&["session", "start", "Login", "--task", "build it"]).succeeds();
    sandbox.ckpt(&["decide", "use JWT", "--why", "no state"]).succeeds();
    sandbox.ckpt(&["issue", "found on the way"]).succeeds();
    sandbox.ckpt(&["todo", "add", "write the docs"]).succeeds();
    sandbox.ckpt(&["next", "only mine"]).succeeds();
    for path in ["src/login.rs", "tests/login.rs", "docs/login.md", "deploy.sh", "notes/today.md"] {
        sandbox.write(path, "x\n");
    }
    sandbox.save(&["first"]);
    sandbox
}

fn context(sandbox: &Sandbox, session: &str) -> String {
    sandbox.git(&["show", &format!("refs/ckpt/sessions/{session}:context.md")])
}

#[test]
fn what_came_of_it_is_shown_and_nobody_closes_it_unasked() {
    let sandbox = scene();
    sandbox.write("src/unsaved.rs", "x\n");
    let before = sandbox.git(&["for-each-ref"]);
    let outcome = sandbox.ckpt(&["session", "close"]).ends_with(1);
    for text in [
        "Login\n",
        "1 checkpoint",
        "1 decision",
        "6 files changed since the start: 2 code, 1 tests, 1 docs, 1 scripts, 1 notes",
        "  code     src/login.rs, src/unsaved.rs\n",
        "1 change since the last checkpoint; the last state is kept",
        "use JWT",
        "Open to-dos\n  - write the docs\n",
        "error: the session was not closed: nobody approved\nhint: approve beforehand with `--yes`",
    ] {
        assert!(outcome.stderr().contains(text), "{text}\n{}", outcome.stderr());
    }
    assert_eq!(sandbox.git(&["for-each-ref"]), before);
    assert_eq!(current(&sandbox), "login");
    assert_eq!(sandbox.ckpt(&["session", "close", "--json"]).ends_with(1).json()["code"], "not-confirmed");
}

#[test]
fn the_last_state_is_kept_and_shared_sections_flow_back() {
    let sandbox = scene();
    sandbox.write("src/login.rs", "last words\n");
    let answer = sandbox.ckpt(&["session", "close", "--yes", "--json"]).succeeds().json();
    assert_eq!(answer["schema"], "ckpt.session-close/1");
    assert_eq!(answer["merged"], serde_json::json!(["Recent Decisions", "Known Issues"]));
    assert_eq!((&answer["parent"], &answer["current"]), (&"main".into(), &"main".into()));
    let last = answer["checkpoint"].as_str().unwrap();
    assert_eq!(sandbox.git(&["show", &format!("{last}:src/login.rs")]), "last words");
    let main = context(&sandbox, "main");
    assert!(main.contains("use JWT") && main.contains("found on the way"), "{main}");
    assert!(!main.contains("only mine") && !main.contains("build it") && !main.contains("write the docs"), "{main}");
    assert_eq!(main.matches("known before").count(), 1);
    let tips = ["refs/ckpt/sessions/main^2", "refs/ckpt/sessions/login"].map(|name| sandbox.git(&["rev-parse", name]));
    assert_eq!(tips[0], tips[1]);
    assert_eq!(current(&sandbox), "main");
    assert_eq!(sandbox.read("src/login.rs"), b"last words\n");
    assert!(states(&sandbox).contains(&("login".to_owned(), "complete".to_owned())));
    sandbox.ckpt(&["session", "show", "login"]).succeeds().says("complete").says("closed just now");
    // What was taken up again and closed once more says nothing twice.
    sandbox.ckpt(&["session", "resume", "login"]).succeeds();
    sandbox.ckpt(&["decide", "no cookies"]).succeeds();
    sandbox.ckpt(&["session", "close", "--yes"]).succeeds().says("Recent Decisions of main know more now");
    let main = context(&sandbox, "main");
    for line in ["use JWT", "found on the way", "no cookies"] {
        assert_eq!(main.matches(line).count(), 1, "{line}\n{main}");
    }
}

#[test]
fn what_it_learned_begins_the_context_of_a_parent_that_has_none() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    sandbox.ckpt(&["decide", "use JWT"]).succeeds();
    sandbox.ckpt(&["session", "close", "--yes"]).succeeds();
    let main = context(&sandbox, "main");
    assert!(main.starts_with("# Context of") && main.contains("use JWT"), "{main}");
}

#[test]
fn a_paused_session_is_closed_where_it_is() {
    let sandbox = scene();
    sandbox.ckpt(&["session", "start", "Other"]).succeeds();
    let points = sandbox.git(&["for-each-ref", "refs/ckpt/checkpoints"]);
    let answer = sandbox.ckpt(&["session", "close", "login", "--yes", "--json"]).succeeds().json();
    assert_eq!((&answer["checkpoint"], &answer["current"]), (&serde_json::Value::Null, &"other".into()));
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt/checkpoints"]), points, "the tree is another session's");
    assert!(context(&sandbox, "main").contains("use JWT"));
    sandbox.ckpt(&["session", "close", "login", "--yes"]).ends_with(1).warns("is complete and cannot be closed");
}

#[test]
fn the_users_own_checks_are_run_and_those_of_a_repository_never() {
    let sandbox = scene();
    sandbox.ckpt(&["session", "close", "--check", "--yes"]).ends_with(1).warns("no checks are configured");
    sandbox.write(".ckpt.toml", "[[checks]]\nname = \"evil\"\ncommand = \"touch evil\"\n");
    let folder = sandbox.home().join(".config/ckpt");
    std::fs::create_dir_all(&folder).unwrap();
    let check = |name: &str, command: &str, more: &str| {
        format!("[[checks]]\nname = \"{name}\"\ncommand = \"{command}\"\n{more}")
    };
    let text = check("good", "echo told; test -e src/login.rs", "")
        + &check("bad", "exit 3", "")
        + &check("endless", "sleep 60", "timeout = 1\n");
    std::fs::write(folder.join("config.toml"), text).unwrap();
    let answer = sandbox.ckpt(&["session", "close", "--check", "--yes", "--json"]).succeeds().json();
    let state = |at: usize| answer["checks"][at]["state"].as_str().unwrap().to_owned();
    assert_eq!([state(0), state(1), state(2)], ["passed", "failed", "timed-out"]);
    assert_eq!(answer["checks"][1]["exit"], 3);
    assert!(!sandbox.exists("evil"));
    std::fs::write(folder.join("config.toml"), "[[checks]]\nname = \"x\"\n").unwrap();
    sandbox.ckpt(&["status"]).ends_with(1).warns("each of `[[checks]]` needs a `name` and a `command`");
}

#[test]
fn what_was_learned_about_a_part_of_the_project_flows_back_to_it() {
    let sandbox = Sandbox::new();
    sandbox.ckpt(&["context", "partition", "add", "web", "--path", "web"]).succeeds();
    sandbox.ckpt(&["decide", "no frames", "--partition", "web"]).succeeds();
    sandbox.ckpt(&["session", "start", "Login"]).succeeds();
    sandbox.ckpt(&["decide", "use cookies", "--partition", "web"]).succeeds();
    sandbox.ckpt(&["next", "only mine", "--partition", "web"]).succeeds();
    sandbox.ckpt(&["context", "partition", "add", "web", "--path", "pages"]).succeeds();
    sandbox.ckpt(&["context", "partition", "add", "server", "--path", "server"]).succeeds();
    sandbox.ckpt(&["issue", "slow start", "--partition", "server"]).succeeds();
    let answer = sandbox.ckpt(&["session", "close", "--yes", "--json"]).succeeds().json();
    assert_eq!(answer["merged"], serde_json::json!(["server", "web: Recent Decisions"]));
    let text = sandbox.ckpt(&["context", "show", "--partition", "web"]).succeeds();
    let _ = text.says("no frames").says("use cookies").does_not_say("only mine");
    let _ = sandbox.ckpt(&["context", "show", "--partition", "server"]).succeeds().says("slow start");
    let listed = sandbox.ckpt(&["context", "partition", "list", "--json"]).succeeds().json();
    let paths = |at: usize| listed["partitions"][at]["paths"].clone();
    assert_eq!((paths(0), paths(1)), (serde_json::json!(["server"]), serde_json::json!(["web", "pages"])));
}
