//! The command line: parses arguments, runs one command, turns its result into an exit code.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::command::failure::{Exit, Failure, Kind, Stop};
use crate::command::invocation::{Invocation, output_of};
use crate::command::options::GlobalOptions;
use crate::command::{
    branch, brief, check, completions, context, decide, diff, doctor, drop, expand, help, hook_run, hooks, init, issue,
    list, load, log, man, name, next, note, operations, pin, progress, recover, redo, rename, replay, return_, save,
    search, session, show, stack, status, summarize, summary, template, todo, undo, uninit, unpin, verify,
};
use crate::report::crash;
use crate::report::json::{ErrorDocument, TextDocument};
use crate::report::output::{Output, Wishes};
use crate::sys::environment::Environment;
use crate::sys::file_size;

const VERSION: &str = concat!("ckpt ", env!("CARGO_PKG_VERSION"), "\n");

/// Keeps the whole state of unfinished work as ordinary git objects, and brings it back exactly.
#[derive(Parser, Debug)]
#[command(name = "ckpt", version, max_term_width = 80, subcommand_required = false)]
#[command(
    after_help = "Example:\n  ckpt save before-refactor -m \"login endpoint works\"\n  ckpt load before-refactor"
)]
pub struct Cli {
    #[command(flatten)]
    options: GlobalOptions,
    #[command(subcommand)]
    command: Option<Command>,
}

/// The commands by what they are called here and the module that holds them.
macro_rules! commands {
    ($($variant:ident($module:ident)),+ $(,)?) => {
        #[derive(Subcommand, Debug)]
        enum Command {
            $($variant($module::Args)),+
        }

        /// What gives the command of this name its arguments.
        fn arguments_of(name: &str) -> Option<fn(clap::Command) -> clap::Command> {
            $(if stringify!($variant).to_ascii_lowercase() == name {
                return Some($module::Args::augment_args);
            })+
            None
        }
    };
}

commands! {
    Save(save),
    List(list),
    Show(show),
    Load(load),
    Diff(diff),
    Name(name),
    Rename(rename),
    Drop(drop),
    Undo(undo),
    Redo(redo),
    Operations(operations),
    Recover(recover),
    Status(status),
    Context(context),
    Note(note),
    Decide(decide),
    Issue(issue),
    Todo(todo),
    Next(next),
    Brief(brief),
    Session(session),
    Branch(branch),
    Return(return_),
    Stack(stack),
    Template(template),
    Check(check),
    Progress(progress),
    Log(log),
    Replay(replay),
    Search(search),
    Summary(summary),
    Summarize(summarize),
    Expand(expand),
    Pin(pin),
    Unpin(unpin),
    Init(init),
    Uninit(uninit),
    Hooks(hooks),
    Verify(verify),
    Doctor(doctor),
    Completions(completions),
    Man(man),
}

impl Command {
    fn run(self, invocation: &mut Invocation) -> Result<Exit, Stop> {
        match self {
            Command::Save(args) => save::run(args, invocation),
            Command::List(args) => list::run(args, invocation),
            Command::Show(args) => show::run(args, invocation),
            Command::Load(args) => load::run(args, invocation),
            Command::Diff(args) => diff::run(args, invocation),
            Command::Name(args) => name::run(args, invocation),
            Command::Rename(args) => rename::run(args, invocation),
            Command::Drop(args) => drop::run(args, invocation),
            Command::Undo(args) => undo::run(args, invocation),
            Command::Redo(args) => redo::run(args, invocation),
            Command::Operations(args) => operations::run(args, invocation),
            Command::Recover(args) => recover::run(args, invocation),
            Command::Status(args) => status::run(args, invocation),
            Command::Context(args) => context::run(args, invocation),
            Command::Note(args) => note::run(&args, invocation),
            Command::Decide(args) => decide::run(args, invocation),
            Command::Issue(args) => issue::run(args, invocation),
            Command::Todo(args) => todo::run(args, invocation),
            Command::Next(args) => next::run(&args, invocation),
            Command::Brief(args) => brief::run(args, invocation),
            Command::Session(args) => session::run(args, invocation),
            Command::Branch(args) => branch::run(args, invocation),
            Command::Return(args) => return_::run(args, invocation),
            Command::Stack(args) => stack::run(args, invocation),
            Command::Template(args) => template::run(args, invocation),
            Command::Check(args) => check::run(&args, invocation),
            Command::Progress(_) => progress::run(invocation),
            Command::Log(args) => log::run(args, invocation),
            Command::Replay(args) => replay::run(args, invocation),
            Command::Search(args) => search::run(args, invocation),
            Command::Summary(args) => summary::run(args, invocation),
            Command::Summarize(args) => summarize::run(args, invocation),
            Command::Expand(args) => expand::run(&args, invocation),
            Command::Pin(args) => pin::run(&args, invocation),
            Command::Unpin(args) => unpin::run(&args, invocation),
            Command::Init(args) => init::run(&args, invocation),
            Command::Uninit(args) => uninit::run(&args, invocation),
            Command::Hooks(args) => hooks::run(args, invocation),
            Command::Verify(args) => verify::run(args, invocation),
            Command::Doctor(args) => doctor::run(&args, invocation),
            Command::Completions(args) => completions::run(&args, &mut tree(), invocation),
            Command::Man(args) => man::run(&args, &mut tree(), invocation),
        }
    }
}

/// The whole command line, as the manual and the completions tell it.
fn tree() -> clap::Command {
    Cli::command()
}

/// Runs the program with the arguments and environment of the process.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // Git called: nothing is parsed, nothing printed, and whatever happens the exit code is 0.
    if arguments.get(1).is_some_and(|word| word == hook_run::NAME) {
        return hook_run::run(&arguments[2..]);
    }
    crash::install();
    file_size::fail_at_limit();
    let code = catch_unwind(AssertUnwindSafe(|| run_with(&arguments)));
    code.unwrap_or_else(|_| {
        let output = &mut output_of(&Environment::default(), early_wishes(&arguments));
        if output.is_json() {
            let _ = output.document(&document(&Failure::new(Kind::Damaged, "internal", crash::MESSAGE)));
        }
        ExitCode::from(Kind::Damaged.number())
    })
}

fn run_with(arguments: &[OsString]) -> ExitCode {
    // Building the tree of commands takes longer than everything else that this answer needs.
    if arguments.len() == 2 && (arguments[1] == "--version" || arguments[1] == "-V") {
        return finish(Output::bare().answer(VERSION).map(|()| Exit::Done).map_err(Stop::from), &mut Output::bare());
    }
    let environment = match Environment::of_process() {
        Ok(environment) => environment,
        Err(error) => {
            let failure =
                Failure::new(Kind::Refused, "no-directory", format!("the working directory is gone: {error}"))
                    .hint("go to a folder that exists");
            let output = &mut output_of(&Environment::default(), early_wishes(arguments));
            return finish(Err(Stop::Failed(Box::new(failure))), output);
        }
    };
    match parse(arguments) {
        Ok(cli) => dispatch(cli, &environment),
        Err(error) => answer_parser(&error, &mut output_of(&environment, early_wishes(arguments))),
    }
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    if let Some(cli) = parse_alone(arguments) {
        return Ok(cli);
    }
    // Most of what is left prints no help either, and laying it out takes longer than reading the arguments.
    let matches =
        tree().try_get_matches_from(arguments).or_else(|_| help::lay_out(tree()).try_get_matches_from(arguments))?;
    Cli::from_arg_matches(&matches)
}

/// Reads the arguments by a tree with one command alone, the first that is named among them: building the others takes
/// longer than most commands. `None` leaves it to the whole tree, which knows what to say. What this one understands, the
/// whole tree understands alike: it has less, and nothing else.
fn parse_alone(arguments: &[OsString]) -> Option<Cli> {
    let named = |word: &OsString| word.to_str().and_then(|word| Some((word.to_owned(), arguments_of(word)?)));
    let (name, add_arguments) = arguments.iter().skip(1).find_map(named)?;
    let command = add_arguments(clap::Command::new(name));
    let tree = GlobalOptions::augment_args(clap::Command::new("ckpt")).subcommand(command);
    Cli::from_arg_matches(&tree.try_get_matches_from(arguments).ok()?).ok()
}

fn dispatch(cli: Cli, environment: &Environment) -> ExitCode {
    let mut invocation = match Invocation::new(environment, &cli.options) {
        Ok(invocation) => invocation,
        Err(failure) => {
            return finish(Err(Stop::Failed(Box::new(failure))), &mut output_of(environment, cli.options.wishes()));
        }
    };
    let result = match cli.command {
        Some(command) => command.run(&mut invocation),
        None => status::run_alone(&help::lay_out(tree()).render_help().to_string(), &mut invocation),
    };
    finish(result, &mut invocation.output)
}

/// Tells a failure and gives the exit code.
fn finish(result: Result<Exit, Stop>, output: &mut Output) -> ExitCode {
    match result {
        Ok(exit) => exit.into(),
        Err(Stop::Closed) => ExitCode::SUCCESS,
        Err(Stop::Failed(failure)) => {
            tell_failure(&failure, output);
            ExitCode::from(failure.kind.number())
        }
    }
}

fn tell_failure(failure: &Failure, output: &mut Output) {
    if output.is_json() {
        // When stdout itself is what failed, stderr is all that is left.
        if output.document(&document(failure)).is_ok() {
            return;
        }
    }
    output.error(&failure.message, &failure.details);
    failure.hints.iter().for_each(|hint| output.hint(hint));
}

fn document(failure: &Failure) -> ErrorDocument<'_> {
    ErrorDocument {
        schema: "ckpt.error/1",
        code: failure.code,
        kind: failure.kind.word(),
        exit_code: failure.kind.number(),
        message: &failure.message,
        details: &failure.details,
        hints: &failure.hints,
    }
}

/// What can be known of the options when the command line makes no sense as a whole.
fn early_wishes(arguments: &[OsString]) -> Wishes {
    let json = arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--json");
    Wishes { json, ..Wishes::default() }
}

/// Answers `--help` and `--version`, and tells what is wrong with a command line.
fn answer_parser(error: &clap::Error, output: &mut Output) -> ExitCode {
    let text = error.render().to_string();
    let of = match error.kind() {
        ErrorKind::DisplayVersion => "version",
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "help",
        _ => return finish(Err(Stop::Failed(Box::new(usage_failure(&text)))), output),
    };
    let answered = if output.is_json() { output.document(&TextDocument::new(of, &text)) } else { output.answer(&text) };
    finish(answered.map(|()| Exit::Done).map_err(Stop::from), output)
}

/// Takes apart what the parser says: the first paragraph is the message, tips and usage are hints.
fn usage_failure(text: &str) -> Failure {
    let mut paragraphs = text.split("\n\n");
    let message = paragraphs.next().unwrap_or_default().trim().trim_start_matches("error: ");
    let mut failure = Failure::new(Kind::Usage, "usage", message);
    for line in paragraphs.flat_map(str::lines).map(str::trim) {
        if let Some(tip) = line.strip_prefix("tip: ") {
            failure = failure.hint(tip);
        } else if line.starts_with("Usage: ") {
            failure = failure.hint(line.replacen("Usage", "usage", 1));
        }
    }
    failure.hint("see everything that can be typed with `--help`")
}

#[cfg(test)]
mod tests;
