//! Arguments, help, exit codes, colour.

use crate::sandbox::Sandbox;

const COMMANDS: [&str; 15] = [
    "save",
    "list",
    "show",
    "load",
    "diff",
    "name",
    "rename",
    "drop",
    "undo",
    "redo",
    "operations",
    "recover",
    "status",
    "completions",
    "man",
];

#[test]
fn help_names_every_command_and_each_has_an_example() {
    let sandbox = Sandbox::empty();
    let help = sandbox.ckpt(&["--help"]).succeeds().stdout();
    for command in COMMANDS {
        assert!(help.contains(command), "`{command}` is missing:\n{help}");
        let text = sandbox.ckpt(&[command, "--help"]).succeeds().stdout();
        assert!(text.contains(&format!("ckpt {command}")), "{text}");
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 100, "{command}: {widest} columns\n{text}");
    }
}

#[test]
fn version() {
    let text = Sandbox::empty().ckpt(&["--version"]).succeeds().stdout();
    assert_eq!(text, format!("ckpt {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn mistyped_commands_and_options_get_the_nearest() {
    let sandbox = Sandbox::new();
    let _ = sandbox.ckpt(&["svae"]).ends_with(2).warns("save");
    let _ = sandbox.ckpt(&["save", "--alwyas"]).ends_with(2).warns("--always");
    let failure = sandbox.ckpt(&["svae", "--json"]).ends_with(2).json();
    assert_eq!(failure["schema"], "ckpt.error/1");
}

#[test]
fn completions_and_the_manual() {
    let sandbox = Sandbox::empty();
    for shell in ["bash", "zsh", "fish"] {
        let _ = sandbox.ckpt(&["completions", shell]).succeeds().says("ckpt");
    }
    let _ = sandbox.ckpt(&["completions", "rubbish"]).ends_with(2);
    let _ = sandbox.ckpt(&["man"]).succeeds().says(".TH");
}

#[test]
fn every_command_answers_with_one_document() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    sandbox.write("a.txt", "changed\n");
    let commands: [&[&str]; 12] = [
        &["save", "second"],
        &["list"],
        &["show"],
        &["load", "point", "--yes"],
        &["undo", "--yes"],
        &["redo", "--yes"],
        &["operations"],
        &["diff", "point"],
        &["name", "@", "third"],
        &["rename", "third", "fourth"],
        &["drop", "fourth", "--yes"],
        &["status"],
    ];
    for arguments in commands {
        let mut all = arguments.to_vec();
        all.push("--json");
        let document = sandbox.ckpt(&all).succeeds().json();
        let schema = document["schema"].as_str().unwrap_or_else(|| panic!("{arguments:?} has no schema"));
        assert!(schema.starts_with("ckpt.") && schema.ends_with("/1"), "{arguments:?}: {schema}");
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let sandbox = Sandbox::new();
    sandbox.save(&["point"]);
    let has_colour = |arguments: &[&str]| sandbox.ckpt(arguments).succeeds().stdout().contains('\u{1b}');
    assert!(!has_colour(&["list"]));
    assert!(has_colour(&["list", "--color", "always"]));
    assert!(!has_colour(&["list", "--color", "never"]));
    sandbox.set("CLICOLOR_FORCE", "1");
    assert!(has_colour(&["list"]));
    sandbox.set("NO_COLOR", "1");
    assert!(!has_colour(&["list"]));
}

#[test]
fn options_after_two_dashes_are_names() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.ckpt(&["show", "--", "--version"]).ends_with(1);
    assert!(outcome.stderr().contains("--version"), "{}", outcome.describe());
}
