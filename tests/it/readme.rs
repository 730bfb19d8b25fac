//! The README's blocks do what they say.
//!
//! A block marked `console` is a session: each line that begins with `$ ` is run by a shell in one sandbox that lasts for the
//! whole document, and what follows is compared with what comes out. Ids and spans of time are masked on both sides; a line
//! of three dots stands for any lines. A block marked `sh` is only looked at: its commands must be ones that ckpt has.

use std::path::Path;

use crate::sandbox::{Outcome, Sandbox};

struct Block {
    language: String,
    lines: Vec<String>,
}

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => open = Some(Block { language: language.trim().to_owned(), lines: Vec::new() }),
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// A command and what it is said to print.
struct Step {
    command: String,
    output: Vec<String>,
}

fn steps(block: &Block) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in &block.lines {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command: command.to_owned(), output: Vec::new() }),
            (None, Some(step)) => step.output.push(line.clone()),
            (None, None) => panic!("a session begins with a command, not with {line:?}"),
        }
    }
    steps
}

/// The sandbox's shell, with `ckpt` on its path.
fn run(sandbox: &Sandbox, command: &str) -> Outcome {
    let binary = Path::new(env!("CARGO_BIN_EXE_ckpt")).parent().unwrap().display();
    let path = std::env::var("PATH").unwrap();
    let mut shell = sandbox.command("sh");
    shell.env("PATH", format!("{binary}:{path}")).args(["-c", &format!("{{ {command}\n}} 2>&1")]);
    Outcome::of(&mut shell)
}

#[test]
fn sessions_print_what_they_are_said_to_print() {
    let sandbox = Sandbox::new();
    let sessions: Vec<_> = blocks(&readme()).into_iter().filter(|block| block.language == "console").collect();
    assert!(!sessions.is_empty(), "the README shows no session");
    let mut problems = Vec::new();
    for step in sessions.iter().flat_map(steps) {
        let outcome = run(&sandbox, &step.command);
        let (said, printed) = (masked(&step.output.join("\n")), masked(&outcome.stdout()));
        if !fits(&lines(&said), &lines(&printed)) {
            problems.push(format!(
                "$ {}\n--- the README says\n{said}\n--- it prints\n{}",
                step.command,
                outcome.stdout()
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect()
}

/// Whether lines agree; `...` stands for any number of them.
fn fits(said: &[&str], printed: &[&str]) -> bool {
    match said.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|skip| fits(rest, &printed[skip..])),
        Some((line, rest)) => printed.first() == Some(line) && fits(rest, &printed[1..]),
    }
}

/// Puts marks in the place of ids, spans of time and sizes, and makes runs of blanks one.
fn masked(text: &str) -> String {
    let words = |line: &str| line.split_whitespace().map(masked_word).collect::<Vec<_>>().join(" ");
    text.lines().map(words).collect::<Vec<_>>().join("\n")
}

fn masked_word(word: &str) -> String {
    let core = word.trim_end_matches([',', ';', ':', '`', '.', ')']);
    let tail = &word[core.len()..];
    let core = core.trim_start_matches(['`', '(']);
    let is_id = core.len() >= 7 && core.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = core.trim_end_matches(|one: char| one.is_ascii_alphabetic() || one == 'µ');
    let is_number = !number.is_empty() && number.parse::<f64>().is_ok() && number.len() < core.len();
    match (is_id, is_number) {
        (true, _) => format!("ID{tail}"),
        (_, true) => format!("SPAN{tail}"),
        _ => word.to_owned(),
    }
}

#[test]
fn the_check_itself_can_fail() {
    assert!(fits(&["a", "...", "d"], &["a", "b", "c", "d"]));
    assert!(!fits(&["a", "b"], &["a", "c"]));
    assert!(!fits(&[], &["surprise"]));
    assert_eq!(masked("Saved 1a2b3c4d5e as x  in 14ms"), "Saved ID as x in SPAN");
    let text = "x\n```console\n$ true\nout\n```\n";
    assert_eq!(steps(&blocks(text)[0])[0].output, ["out"]);
}

#[test]
fn every_command_that_is_named_exists() {
    let sandbox = Sandbox::empty();
    let help = sandbox.ckpt(&["--help"]).succeeds().stdout();
    let text = readme();
    let named = text.split("`ckpt ").skip(1).filter_map(|rest| rest.split(['`', ' ']).next());
    for command in named.filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()) && !word.is_empty()) {
        assert!(help.contains(command), "the README names `ckpt {command}`, which the help does not have");
    }
}

#[test]
fn the_test_command_of_the_readme_is_the_one_that_ci_runs() {
    let script = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).unwrap();
    let command = "cargo test";
    assert!(
        readme().lines().any(|line| line.trim_start_matches("$ ") == command),
        "the README does not show `{command}`"
    );
    assert!(script.lines().any(|line| line.trim() == command), ".ci/run does not run `{command}`");
}
