//! Standard streams that are closed, full or empty.

use crate::sandbox::{Outcome, Sandbox};

/// Runs `ckpt` through a shell that arranges its streams; `"$0"` is ckpt.
fn through_shell(sandbox: &Sandbox, line: &str) -> Outcome {
    Outcome::of(sandbox.command("sh").args(["-c", line, env!("CARGO_BIN_EXE_ckpt")]))
}

#[test]
fn without_stdin_everything_but_a_question_works() {
    let sandbox = Sandbox::new();
    let _ = through_shell(&sandbox, "\"$0\" save point <&-").succeeds().says("Saved");
    sandbox.write("a.txt", "wrecked\n");
    let _ = through_shell(&sandbox, "\"$0\" load point <&-").ends_with(1).warns("--yes");
    assert_eq!(sandbox.read("a.txt"), b"wrecked\n");
    let _ = through_shell(&sandbox, "\"$0\" load point --yes <&-").succeeds();
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
}

#[test]
fn without_stdout_or_stderr_the_work_is_done_all_the_same() {
    let sandbox = Sandbox::new();
    let _ = through_shell(&sandbox, "\"$0\" save one >&-").succeeds().prints_nothing();
    let _ = through_shell(&sandbox, "\"$0\" save two --always >&- 2>&-").succeeds().prints_nothing();
    let _ = through_shell(&sandbox, "\"$0\" show absent 2>&-").ends_with(1).prints_nothing();
    assert_eq!(sandbox.git(&["for-each-ref", "refs/ckpt/names"]).lines().count(), 2);
}

#[test]
fn a_full_stdout_is_an_error_that_is_named() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let _ = through_shell(&sandbox, "\"$0\" list >/dev/full").ends_with(1).warns("cannot write to stdout");
    let _ = through_shell(&sandbox, "\"$0\" list --json >/dev/full").ends_with(1).warns("cannot write to stdout");
}

#[test]
fn an_empty_note_is_said_and_the_work_is_saved() {
    let sandbox = Sandbox::new();
    for line in ["\"$0\" save one --from - <&-", "\"$0\" save two --from - </dev/null"] {
        let _ = through_shell(&sandbox, line).succeeds().warns("stdin holds no note").says("Saved");
    }
    let _ = sandbox.ckpt(&["save", "--from", "absent.md"]).ends_with(1).warns("absent.md").warns("-m NOTE");
}

#[test]
fn no_stream_at_all_harms_no_file() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let before = (sandbox.picture(), sandbox.repository());
    for command in ["list", "show point", "status", "diff point", "operations", "load point --dry-run"] {
        for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
            let line = format!("\"$0\" {command} {closed}");
            assert_eq!(through_shell(&sandbox, &line).code(), Some(0), "{line}");
        }
    }
    before.0.must_equal(&sandbox.picture(), "files");
    before.1.must_equal(&sandbox.repository(), "git folder");
    sandbox.write("a.txt", "wrecked\n");
    let _ = through_shell(&sandbox, "\"$0\" load point --yes <&- >&- 2>&-").succeeds();
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
    sandbox.git(&["fsck", "--strict"]);
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let sandbox = Sandbox::new();
    for number in 0..40 {
        sandbox.save(&["--always", "-m", &format!("number {number} {}", "long ".repeat(500))]);
    }
    let _ = sandbox.ckpt(&["name", "@", "last"]).succeeds();
    for command in ["list", "list --json", "show --json", "operations", "status"] {
        let line = format!("{{ \"$0\" {command}; echo \"ended $?\" >&2; }} | head -c 1 >/dev/null");
        let outcome = through_shell(&sandbox, &line).succeeds();
        assert_eq!(outcome.stderr(), "ended 0\n", "{command}");
    }
}
