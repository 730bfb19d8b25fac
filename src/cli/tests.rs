//! House rules of the command line.

use std::collections::BTreeSet;

use super::*;

fn laid_out() -> clap::Command {
    let mut tree = help::lay_out(tree());
    tree.build();
    tree
}

fn commands(tree: &clap::Command) -> Vec<clap::Command> {
    tree.get_subcommands().filter(|command| command.get_name() != "help").cloned().collect()
}

#[test]
fn the_parser_finds_no_fault_in_it() {
    // Among others: two options with the same short flag.
    tree().debug_assert();
    laid_out().debug_assert();
}

#[test]
fn every_command_is_in_one_group_of_the_help_and_no_other_is() {
    let known: Vec<String> = commands(&laid_out()).iter().map(|command| command.get_name().to_owned()).collect();
    let grouped: Vec<&str> = help::GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    assert_eq!(known.iter().map(String::as_str).collect::<BTreeSet<_>>(), grouped.iter().copied().collect());
    assert_eq!(known.len(), grouped.len());
}

#[test]
fn every_command_has_an_example_that_parses() {
    for command in commands(&laid_out()) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let example =
            help.strip_prefix("Example:\n  ").unwrap_or_else(|| panic!("{} has no example", command.get_name()));
        let words = split_words(example.split(['|', '>']).next().unwrap());
        assert_eq!(words[1], command.get_name());
        let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
        let read = parse_alone(&words).unwrap_or_else(|| panic!("not read alone: {example}"));
        let whole = Cli::from_arg_matches(&tree().try_get_matches_from(&words).unwrap()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{whole:?}"), "{example}");
    }
}

#[test]
fn a_command_is_read_alone_wherever_it_stands_and_no_word_is_mistaken_for_it() {
    let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
    for line in ["ckpt -q save point", "ckpt --json list", "ckpt -C sub load @", "ckpt -C save save save"] {
        let read = parse_alone(&words(line)).unwrap_or_else(|| panic!("not read alone: {line}"));
        let whole = Cli::from_arg_matches(&tree().try_get_matches_from(words(line)).unwrap()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{whole:?}"), "{line}");
    }
    // The first word that names a command is a folder: the whole tree is asked.
    for line in ["ckpt -C list save", "ckpt -C save list"] {
        assert!(parse_alone(&words(line)).is_none(), "{line}");
        assert!(parse(&words(line)).is_ok(), "{line}");
    }
}

/// Splits as a shell does with double quotes alone.
fn split_words(line: &str) -> Vec<String> {
    let pieces = line.split('"').enumerate();
    pieces
        .flat_map(|(number, piece)| match number % 2 {
            1 => vec![piece.to_owned()],
            _ => piece.split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}

#[test]
fn help_fits_80_columns_and_is_the_same_in_both_spellings() {
    let help = |words: &[&str]| {
        let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
        parse(&arguments).unwrap_err().render().to_string()
    };
    let mut commands: Vec<String> = commands(&laid_out()).iter().map(|command| command.get_name().to_owned()).collect();
    commands.push("-q".to_owned());
    for command in commands {
        let (short, long) = (help(&["ckpt", &command, "-h"]), help(&["ckpt", &command, "--help"]));
        assert_eq!(short, long, "{command}");
        // An example is to be copied whole.
        let widest = short.lines().filter(|line| !line.starts_with("  ckpt ")).map(str::len).max().unwrap();
        assert!(widest <= 80, "{short}");
    }
}

#[test]
fn options_are_in_kebab_case_and_documented() {
    for command in commands(&laid_out()).iter().chain([&laid_out()]) {
        for argument in command.get_arguments() {
            let long = argument.get_long().unwrap_or_default();
            assert!(long.chars().all(|character| character.is_ascii_lowercase() || character == '-'), "{long}");
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty() && !help.ends_with('.'), "{} {}", command.get_name(), argument.get_id());
        }
    }
}

#[test]
fn the_options_of_every_command_stand_before_and_after_it() {
    for words in
        [["ckpt", "--json", "list"], ["ckpt", "list", "--json"], ["ckpt", "-q", "undo"], ["ckpt", "undo", "-y"]]
    {
        let cli = parse(&words.map(OsString::from)).unwrap();
        assert!(cli.options.json || cli.options.quiet || cli.options.yes);
    }
}

fn refused(words: &[&str]) -> Failure {
    let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    usage_failure(&parse(&arguments).unwrap_err().render().to_string())
}

#[test]
fn a_mistyped_word_gets_the_nearest_one() {
    let command = refused(&["ckpt", "lits"]);
    assert_eq!(command.message, "unrecognized subcommand 'lits'");
    assert_eq!(command.hints[0], "a similar subcommand exists: 'list'");
    let option = refused(&["ckpt", "save", "--forse"]);
    assert_eq!(option.hints[0], "a similar argument exists: '--force'");
    assert_eq!((option.kind, option.code), (Kind::Usage, "usage"));
    let size = refused(&["ckpt", "save", "--max-file-size", "huge"]);
    assert!(size.message.contains("`huge` is not a size"), "{}", size.message);
}

#[test]
fn a_failure_is_told_once_and_gives_its_exit_code() {
    let failure = || Failure::new(Kind::Busy, "ref-moved", "the ref moved").hint("type the same again");
    let mut human = Output::in_memory(Wishes::default());
    let code = finish(Err(Stop::Failed(Box::new(failure()))), &mut human);
    assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::from(3)));
    assert_eq!(human.written(), (String::new(), "error: the ref moved\nhint: type the same again\n".to_owned()));

    let mut json = Output::in_memory(Wishes { json: true, ..Wishes::default() });
    finish(Err(Stop::Failed(Box::new(failure()))), &mut json);
    let (stdout, stderr) = json.written();
    let document: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(document["schema"], "ckpt.error/1");
    assert_eq!(document["exit_code"], 3);
    assert_eq!(stderr, "");
}

#[test]
fn json_is_seen_in_a_command_line_that_makes_no_sense() {
    let json = |words: &[&str]| early_wishes(&words.iter().map(OsString::from).collect::<Vec<_>>()).json;
    assert!(json(&["ckpt", "lits", "--json"]));
    assert!(!json(&["ckpt", "diff", "--", "--json"]));
}

#[test]
fn completions_and_manual_are_made_for_every_command_and_stay_the_same() {
    let answer = |words: &[&str]| {
        let cli = parse(&words.iter().map(OsString::from).collect::<Vec<_>>()).unwrap();
        let environment = Environment::default();
        let output = Output::in_memory(cli.options.wishes());
        let mut invocation = Invocation { environment, output, assume_yes: false };
        cli.command.unwrap().run(&mut invocation).unwrap();
        invocation.output.written().0
    };
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = answer(&["ckpt", "completions", shell]);
        assert!(script.contains("operations"), "{shell}");
        assert_eq!(script, answer(&["ckpt", "completions", shell]));
    }
    assert!(answer(&["ckpt", "man"]).contains("ckpt\\-save"));
    for command in commands(&laid_out()) {
        let page = answer(&["ckpt", "man", command.get_name()]);
        assert!(page.contains(&format!("ckpt\\-{}", command.get_name())) && page.contains("Example:"), "{page}");
    }
    let document: serde_json::Value = serde_json::from_str(&answer(&["ckpt", "man", "--json"])).unwrap();
    assert_eq!(document["schema"], "ckpt.text/1");
}
