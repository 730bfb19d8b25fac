//! One run of the program: the environment it stands in, its output, and the repository once it is opened.

use std::time::Duration;

use crate::config::{CheckSetting, ConfigError, Flags, Settings};
use crate::model::name::Name;
use crate::ops::recover::{Pending, find_pending};
use crate::ops::repo::{ContextSettings, Limits, QualityCheck, SummarySettings};
use crate::ops::{OpError, Repo};
use crate::report::look::Look;
use crate::report::output::{ColorVariables, Output, Wishes};
use crate::report::text;
use crate::summary::age::Ages;
use crate::sys::clock::Clock;
use crate::sys::environment::Environment;
use crate::sys::pager::Pager;
use crate::sys::terminal::Terminal;

use super::failure::{Failure, Kind, Stop};
use super::options::GlobalOptions;

/// What a command does about a load that was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    /// It speaks of it by itself.
    Ignore,
    /// Says so, and goes on.
    Mention,
    /// Refuses until `ckpt recover` was typed.
    Refuse,
}

/// What a command works with.
#[derive(Debug)]
pub struct Invocation {
    pub environment: Environment,
    pub output: Output,
    /// `--yes`.
    pub assume_yes: bool,
}

impl Invocation {
    /// Stands where `-C` says.
    pub fn new(environment: &Environment, options: &GlobalOptions) -> Result<Invocation, Failure> {
        let environment = match &options.directory {
            Some(directory) => environment.in_directory(directory),
            None => environment.clone(),
        };
        if !environment.directory().is_dir() {
            let message = format!("there is no folder {}", environment.directory().display());
            return Err(Failure::new(Kind::Refused, "no-directory", message).hint("name an existing folder with `-C`"));
        }
        let output = output_of(&environment, options.wishes());
        Ok(Invocation { environment, output, assume_yes: options.yes })
    }

    /// Opens the repository with the user's settings.
    pub fn open(&mut self, interrupted: Interrupted) -> Result<Repo, Stop> {
        self.open_with(Flags::default(), interrupted)
    }

    /// [`Invocation::open`] with settings from the command line.
    pub fn open_with(&mut self, flags: Flags, interrupted: Interrupted) -> Result<Repo, Stop> {
        let settings = self.settings(flags)?;
        let mut repo = Repo::open(&self.environment, limits_of(&settings))?;
        repo.summary = summary_of(&settings);
        repo.checks = checks_of(&settings);
        repo.context = context_of(settings);
        repo.progress = self.output.progress();
        let pending = if interrupted == Interrupted::Ignore { None } else { find_pending(&repo)? };
        if let Some(pending) = pending {
            self.meet(&pending, interrupted)?;
        }
        Ok(repo)
    }

    fn meet(&mut self, pending: &Pending, interrupted: Interrupted) -> Result<(), Stop> {
        if interrupted == Interrupted::Refuse {
            let is_running = pending.is_running;
            let target = pending.target;
            return Err(if is_running { OpError::WorktreeBusy } else { OpError::RecoveryPending { target } }.into());
        }
        self.mention(pending);
        Ok(())
    }

    /// Says that a load was interrupted, or is still at work.
    pub fn mention(&mut self, pending: &Pending) {
        let look = self.look();
        let (what, since) = (text::line(&pending.description), look.since(pending.started));
        if pending.is_running {
            self.output.notice(&format!("another ckpt is at work here: `{what}`, begun {since}"));
        } else {
            self.output.notice(&format!("`{what}`, begun {since}, was interrupted"));
            self.output.hint("finish it with `ckpt recover`, or go back to before it with `ckpt recover --undo`");
        }
    }

    fn settings(&mut self, flags: Flags) -> Result<Settings, OpError> {
        let built_in = Limits::default();
        let defaults =
            Settings::of_defaults(built_in.max_file_size, built_in.max_untracked_files, built_in.max_untracked_bytes);
        let settings = defaults.resolve(&self.environment, flags).map_err(bad_configuration)?;
        for warning in &settings.warnings {
            self.output.warning(warning);
        }
        Ok(settings)
    }

    /// Makes a name of what was typed, and says so when it is another.
    pub fn name(&mut self, typed: &str) -> Result<Name, OpError> {
        let (name, changed) = Name::from_title(typed)?;
        if changed {
            self.output.notice(&format!("the name is `{name}`"));
        }
        Ok(name)
    }

    /// How to render for whoever reads stdout.
    pub fn look(&self) -> Look {
        let clock = Clock::new(&self.environment);
        let terminal = self.output.terminal();
        Look {
            palette: self.output.palette(),
            width: terminal.columns,
            now: clock.now(),
            zone: None,
            is_terminal: terminal.stdout,
        }
    }
}

/// The streams of the process, as the environment and the command line want them.
pub fn output_of(environment: &Environment, wishes: Wishes) -> Output {
    let variables = ColorVariables {
        no_color: environment.path("NO_COLOR").is_some(),
        force_color: environment.path("CLICOLOR_FORCE").is_some_and(|value| value.as_os_str() != "0"),
        dumb_terminal: environment.var("TERM") == Some("dumb"),
    };
    let terminal = Terminal::of_process(environment);
    Output::new(wishes, terminal, Pager::of_environment(environment), variables)
}

fn limits_of(settings: &Settings) -> Limits {
    Limits {
        max_file_size: settings.max_file_size.value,
        max_untracked_files: settings.max_untracked_files.value,
        max_untracked_bytes: settings.max_untracked_bytes.value,
    }
}

fn context_of(settings: Settings) -> ContextSettings {
    ContextSettings {
        file: settings.context_file.value,
        sections: settings.context_sections.value,
        documents: settings.context_documents.value,
    }
}

fn checks_of(settings: &Settings) -> Vec<QualityCheck> {
    let check = |check: &CheckSetting| QualityCheck {
        name: check.name.clone(),
        command: check.command.clone(),
        limit: Duration::from_secs(check.timeout),
    };
    settings.checks.value.iter().map(check).collect()
}

fn summary_of(settings: &Settings) -> SummarySettings {
    let seconds = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    SummarySettings {
        ages: Ages { full: seconds(settings.summary_full.value), detailed: seconds(settings.summary_detailed.value) },
        command: settings.summarizer_command.value.clone(),
        timeout: Duration::from_secs(settings.summarizer_timeout.value.min(86_400)),
    }
}

fn bad_configuration(error: ConfigError) -> OpError {
    OpError::BadConfiguration { origin: error.origin.to_string(), problem: error.problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{HashKind, ObjectId};

    fn invocation() -> Invocation {
        let variables = [("CKPT_CLOCK".into(), "2026-11-21T09:00:00Z".into())];
        let environment = Environment::from_variables(variables, std::path::Path::new("/"));
        Invocation { environment, output: Output::in_memory(Wishes::default()), assume_yes: false }
    }

    fn pending(is_running: bool) -> Pending {
        let id = ObjectId::null(HashKind::Sha1);
        let started = "2026-11-21T08:58:00Z".parse().unwrap();
        Pending { target: id, safety: id, started, description: "load x\n\x1b[2J".into(), is_running }
    }

    #[test]
    fn an_interrupted_load_is_mentioned_by_what_reads_and_refused_by_what_moves() {
        let mut invocation = invocation();
        invocation.meet(&pending(false), Interrupted::Mention).unwrap();
        let (stdout, stderr) = invocation.output.written();
        assert_eq!(stdout, "");
        assert!(stderr.starts_with("`load x\\n\\x1b[2J`, begun 2m ago, was interrupted\n"), "{stderr}");
        assert!(stderr.contains("hint: finish it with `ckpt recover`"), "{stderr}");
        let code = |is_running| match invocation_refuses(is_running) {
            Stop::Failed(failure) => (failure.kind, failure.code),
            Stop::Closed => unreachable!("nothing is written"),
        };
        assert_eq!(code(false), (Kind::Refused, "recovery-pending"));
        assert_eq!(code(true), (Kind::Busy, "worktree-busy"));
    }

    fn invocation_refuses(is_running: bool) -> Stop {
        invocation().meet(&pending(is_running), Interrupted::Refuse).unwrap_err()
    }

    #[test]
    fn a_title_becomes_a_name_and_is_said() {
        let mut invocation = invocation();
        assert_eq!(invocation.name("before the storm").unwrap().as_str(), "before-the-storm");
        assert_eq!(invocation.output.written().1, "the name is `before-the-storm`\n");
        assert!(matches!(invocation.name("a/b"), Err(OpError::BadName(_))));
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let options = GlobalOptions { directory: Some("/nonexistent/x".into()), ..GlobalOptions::default() };
        let failure = Invocation::new(&Environment::default(), &options).unwrap_err();
        assert_eq!(failure.message, "there is no folder /nonexistent/x");
    }
}
