//! What only happens on a terminal: questions, colours, a screen's width. A terminal is lent by `script`.

use std::io::Write;
use std::process::Stdio;

use crate::sandbox::Sandbox;

/// Runs a command line on a terminal where `typed` is typed; gives the exit code and the screen. `None` without `script`.
pub fn on_terminal(sandbox: &Sandbox, line: &str, typed: &str) -> Option<(i32, String)> {
    let line = format!("stty cols 80; {} {line}", env!("CARGO_BIN_EXE_ckpt"));
    let mut command = sandbox.command("script");
    command.args(["-q", "-e", "-c", &line, "/dev/null"]).env("TERM", "xterm").env("SHELL", "/bin/sh");
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = spawned else {
        eprintln!("skipped: there is no `script` to lend a terminal");
        return None;
    };
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Some((output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

#[test]
fn a_load_shows_its_plan_and_asks() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    sandbox.write("a.txt", "wrecked\n");
    sandbox.write("evil\u{1b}[2J.txt", "new\n");
    let Some((code, screen)) = on_terminal(&sandbox, "load point", "n\n") else { return };
    assert_eq!(code, 1, "{screen}");
    assert!(screen.contains("Load point?") && screen.contains("nothing was loaded"), "{screen}");
    assert!(screen.contains("a.txt") && screen.contains("evil\\x1b[2J.txt"), "{screen}");
    assert!(!screen.contains("\\x1b[1m"), "the plan's own colours are written out:\n{screen}");
    assert_eq!(sandbox.read("a.txt"), b"wrecked\n");
    let (code, screen) = on_terminal(&sandbox, "load point", "y\n").unwrap();
    assert_eq!(code, 0, "{screen}");
    assert_eq!(sandbox.read("a.txt"), b"alpha\n");
}

#[test]
fn the_status_fits_the_screen() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point", "-m", &"words that go on ".repeat(12), "-q"]);
    let Some((code, screen)) = on_terminal(&sandbox, "status --color never", "") else { return };
    assert_eq!(code, 0, "{screen}");
    let widest = screen.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
    assert!(widest <= 80, "{widest} columns:\n{screen}");
}

#[test]
fn a_long_save_tells_how_far_it_is_and_wipes_that_away() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "filter.slow.clean", "sleep 0.1; cat"]);
    sandbox.set("RAYON_NUM_THREADS", "1");
    let slow = |number: usize| {
        sandbox.write(".gitattributes", "*.slow filter=slow\n");
        (0..12).for_each(|file| sandbox.write(format!("{file}.slow"), format!("{number} {file}")));
    };
    slow(1);
    let Some((code, screen)) = on_terminal(&sandbox, "save", "") else { return };
    assert_eq!(code, 0, "{screen}");
    let (before, after) = screen.split_once("Saved").unwrap();
    assert!(before.contains("Reading files") && before.contains("/16"), "{screen:?}");
    assert!(before.ends_with("\r\u{1b}[2K"), "nothing of it is left: {screen:?}");
    assert!(!after.contains("Reading files"), "{screen:?}");
    slow(2);
    for line in ["save -q", "save --json --always", "save --always 2>/dev/null"] {
        let (code, screen) = on_terminal(&sandbox, line, "").unwrap();
        assert_eq!(code, 0, "{screen}");
        assert!(!screen.contains("Reading files"), "{line}: {screen:?}");
        slow(line.len());
    }
    let quick = Sandbox::new();
    let (_, screen) = on_terminal(&quick, "save", "").unwrap();
    assert!(!screen.contains("Reading files"), "{screen:?}");
}
