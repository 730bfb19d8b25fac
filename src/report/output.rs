//! Where answers, notices and questions go: stdout, stderr and the user at the terminal.
//!
//! stdout is the answer and nothing else. A reader who has closed it (`ckpt list | head -1`) is [`OutputError::Closed`].

use std::io::{self, ErrorKind, Write};
use std::process::Stdio;

use serde::Serialize;

use super::answer::Answer;
use super::progress::ProgressLine;
use super::style::{Palette, Role};
use super::text;
use crate::model::progress::{Progress, Unwatched};
use crate::sys::pager::Pager;
use crate::sys::terminal::{Key, Terminal, read_key};

/// Why an answer did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("the reader of stdout is gone")]
    Closed,
    #[error("cannot write to stdout: {0}")]
    Stdout(io::Error),
}

/// What was asked for on the command line about output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    pub json: bool,
    pub quiet: bool,
    pub no_pager: bool,
    pub color: Color,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// The streams of one run.
#[derive(Debug)]
pub struct Output {
    wishes: Wishes,
    terminal: Terminal,
    pager: Option<Pager>,
    palette: Palette,
    error_palette: Palette,
    /// It can do nothing but write on.
    dumb_terminal: bool,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    Process,
    /// For tests: what was written to stdout and stderr.
    Memory(Vec<u8>, Vec<u8>),
}

impl Output {
    /// The streams of the process. `no_color` and `force_color` are what `NO_COLOR` and `CLICOLOR_FORCE` say.
    pub fn new(wishes: Wishes, terminal: Terminal, pager: Option<Pager>, variables: ColorVariables) -> Output {
        let decide = |is_terminal| Palette { colored: variables.decide(wishes.color, is_terminal) };
        Output {
            wishes,
            terminal,
            pager: pager.filter(|_| !wishes.no_pager && !wishes.json),
            palette: decide(terminal.stdout),
            error_palette: decide(terminal.stderr),
            dumb_terminal: variables.dumb_terminal,
            sink: Sink::Process,
        }
    }

    /// The streams of the process, without a look at terminals and environment.
    pub fn bare() -> Output {
        Output::new(Wishes::default(), Terminal::none(), None, ColorVariables::default())
    }

    /// Streams into memory, without terminals: for tests.
    pub fn in_memory(wishes: Wishes) -> Output {
        let mut output = Output::new(wishes, Terminal::none(), None, ColorVariables::default());
        output.sink = Sink::Memory(Vec::new(), Vec::new());
        output
    }

    /// What was written to stdout and stderr, when they are in memory.
    pub fn written(&self) -> (String, String) {
        match &self.sink {
            Sink::Process => Default::default(),
            Sink::Memory(out, err) => {
                (String::from_utf8_lossy(out).into_owned(), String::from_utf8_lossy(err).into_owned())
            }
        }
    }

    pub fn is_json(&self) -> bool {
        self.wishes.json
    }

    /// Whatever the command line said before: a command of which the answer is JSON by an option of its own.
    pub fn answer_in_json(&mut self) {
        self.wishes.json = true;
        self.pager = None;
    }

    pub fn is_quiet(&self) -> bool {
        self.wishes.quiet
    }

    pub fn palette(&self) -> Palette {
        self.palette
    }

    pub fn error_palette(&self) -> Palette {
        self.error_palette
    }

    pub fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// Writes the answer.
    pub fn answer(&mut self, text: impl AsRef<[u8]>) -> Result<(), OutputError> {
        let written = match &mut self.sink {
            Sink::Process => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(text.as_ref()).and_then(|()| stdout.flush())
            }
            Sink::Memory(out, _) => out.write_all(text.as_ref()),
        };
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => OutputError::Closed,
            _ => OutputError::Stdout(error),
        })
    }

    /// Writes the answer, through the pager when it is longer than the screen.
    pub fn answer_paged(&mut self, text: impl AsRef<[u8]>) -> Result<(), OutputError> {
        let text = text.as_ref();
        let pager = self.pager.as_ref().filter(|_| self.is_longer_than_screen(text));
        match pager.map(|pager| pager.show(text)).transpose().map_err(OutputError::Stdout)? {
            Some(true) => Ok(()),
            Some(false) | None => self.answer(text),
        }
    }

    fn is_longer_than_screen(&self, text: &[u8]) -> bool {
        let lines = text.iter().filter(|&&byte| byte == b'\n').count();
        self.terminal.stdout && self.terminal.rows.is_some_and(|rows| lines >= rows)
    }

    /// Begins an answer that comes bit by bit, through the pager once it is longer than the screen.
    pub fn begin_answer(&mut self) -> Answer<'_> {
        Answer::new(self)
    }

    /// The pager for an answer longer than the screen, and how many lines that has.
    pub(super) fn pager(&self) -> Option<(Pager, usize)> {
        let rows = self.terminal.rows.filter(|_| self.terminal.stdout)?;
        Some((self.pager.clone()?, rows))
    }

    /// Writes the one document of a run with `--json`.
    pub fn document(&mut self, document: &impl Serialize) -> Result<(), OutputError> {
        let mut text = serde_json::to_vec_pretty(document).map_err(|error| OutputError::Stdout(error.into()))?;
        text.push(b'\n');
        self.answer(text)
    }

    /// Says on stderr what happened beside the answer; foreign text in it is one line. Nothing with `-q`.
    pub fn notice(&mut self, message: &str) {
        if !self.wishes.quiet {
            self.tell(&format!("{}\n", text::block(message)));
        }
    }

    /// Shows a rendering on stderr, made with [`Output::error_palette`]: what a question is about. Nothing with `-q`.
    pub fn explain(&mut self, rendering: &str) {
        if !self.wishes.quiet {
            self.tell(rendering);
        }
    }

    /// Says on stderr that something is not as it should be, `-q` or not.
    pub fn warning(&mut self, message: &str) {
        let label = self.error_palette.paint(Role::Warning, "warning:");
        self.tell(&format!("{label} {}\n", text::line(message)));
    }

    /// Says on stderr what to type next. Nothing with `-q`.
    pub fn hint(&mut self, message: &str) {
        if !self.wishes.quiet {
            let label = self.error_palette.paint(Role::Hint, "hint:");
            self.tell(&format!("{label} {}\n", text::line(message)));
        }
    }

    /// Says on stderr what went wrong, with lines of detail below it.
    pub fn error(&mut self, message: &str, details: &[String]) {
        let label = self.error_palette.paint(Role::Error, "error:");
        // Further lines are indented, so that no foreign text can pass for a line of ours.
        let mut told = format!("{label} {}\n", text::block(message).replace('\n', "\n  "));
        for detail in details {
            told.push_str(&format!("  {}\n", text::line(detail)));
        }
        self.tell(&told);
    }

    /// A stderr that is closed or full stops nothing.
    fn tell(&mut self, text: &str) {
        let _ = match &mut self.sink {
            Sink::Process => io::stderr().lock().write_all(text.as_bytes()),
            Sink::Memory(_, err) => err.write_all(text.as_bytes()),
        };
    }

    /// Where a program that is run for the user writes its output: where it would, unless the answer is a document.
    pub fn for_programs(&self) -> Stdio {
        if self.wishes.json { Stdio::from(io::stderr()) } else { Stdio::inherit() }
    }

    /// Where a program writes whose output is no part of the answer.
    pub fn beside_answer(&self) -> Stdio {
        Stdio::from(io::stderr())
    }

    /// Whether somebody is there to answer a question.
    pub fn can_ask(&self) -> bool {
        self.terminal.stdin && self.terminal.stderr && !self.wishes.json
    }

    /// Who watches long work: a line on the terminal where somebody looks at one, else nobody.
    pub fn progress(&self) -> Box<dyn Progress> {
        let is_shown = self.terminal.stderr && !self.wishes.quiet && !self.wishes.json && !self.dumb_terminal;
        if is_shown { Box::new(ProgressLine::default()) } else { Box::new(Unwatched) }
    }

    /// Waits on the terminal for a key, with a line below that says which there are.
    pub fn ask_key(&mut self, keys: &str) -> Result<Key, OutputError> {
        let line = text::fit(&text::line(keys), self.terminal.columns.saturating_sub(1));
        self.answer(self.palette.paint(Role::Faint, &line))?;
        let key = read_key();
        let wiped = if self.dumb_terminal { "\n" } else { "\r\x1b[K" };
        self.answer(wiped)?;
        // Whoever interrupts, or is gone, wants to leave.
        Ok(key.unwrap_or(Key::Quit))
    }

    /// Whether somebody at a terminal reads the answer and can press keys.
    pub fn can_step(&self) -> bool {
        self.terminal.stdin && self.terminal.stdout && !self.wishes.json
    }

    /// Asks on the terminal. Anything but `y` or `yes` is no.
    pub fn ask(&mut self, question: &str) -> bool {
        self.tell(&format!("{} [y/N] ", text::line(question)));
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        if !matches!(read, Ok(1..)) {
            self.tell("\n");
        }
        read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }

    /// Asks for a line of text on the terminal; `None` where there is no more input.
    pub fn ask_text(&mut self, question: &str) -> Option<String> {
        self.tell(&format!("{}: ", text::line(question)));
        let mut answer = String::new();
        match io::stdin().read_line(&mut answer) {
            Ok(1..) => Some(answer.trim().to_owned()),
            _ => {
                self.tell("\n");
                None
            }
        }
    }
}

/// What `NO_COLOR` and `CLICOLOR_FORCE` ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColorVariables {
    /// `NO_COLOR` is set, to whatever but nothing.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set, to whatever but nothing and `0`.
    pub force_color: bool,
    /// `TERM` is `dumb`.
    pub dumb_terminal: bool,
}

impl ColorVariables {
    fn decide(self, color: Color, is_terminal: bool) -> bool {
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if self.no_color => false,
            Color::Auto => self.force_color || (is_terminal && !self.dumb_terminal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_beats_the_variables_and_they_beat_the_terminal() {
        let variables = |no_color, force_color| ColorVariables { no_color, force_color, dumb_terminal: false };
        assert!(variables(true, false).decide(Color::Always, false));
        assert!(!variables(false, true).decide(Color::Never, true));
        assert!(!variables(true, true).decide(Color::Auto, true));
        assert!(variables(false, true).decide(Color::Auto, false));
        assert!(variables(false, false).decide(Color::Auto, true));
        assert!(!variables(false, false).decide(Color::Auto, false));
    }

    #[test]
    fn quiet_silences_notices_and_hints_but_not_warnings_and_errors() {
        let mut output = Output::in_memory(Wishes { quiet: true, ..Wishes::default() });
        output.notice("one");
        output.hint("two");
        output.warning("three\x1b[2J");
        output.error("four", &["five".to_owned()]);
        output.answer("six\n").unwrap();
        let (stdout, stderr) = output.written();
        assert_eq!(stdout, "six\n");
        assert_eq!(stderr, "warning: three\\x1b[2J\nerror: four\n  five\n");
    }
}
