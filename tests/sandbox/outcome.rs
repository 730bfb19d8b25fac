//! What a command printed and how it ended, with assertions that read as sentences.

use std::process::{Command, Output};

use serde_json::Value;

/// A command that has run.
pub struct Outcome {
    what: String,
    output: Output,
}

impl Outcome {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Outcome {
        let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
        Outcome { what: format!("{} {}", command.get_program().to_string_lossy(), arguments.join(" ")), output }
    }

    /// `None` when a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stdout_bytes(&self) -> &[u8] {
        &self.output.stdout
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Everything about it, for a failure message.
    pub fn describe(&self) -> String {
        let (stdout, stderr) = (self.stdout(), self.stderr());
        format!("$ {}\n--- {}\n--- stdout\n{stdout}--- stderr\n{stderr}---", self.what, self.output.status)
    }

    #[track_caller]
    pub fn succeeds(self) -> Outcome {
        self.ends_with(0)
    }

    #[track_caller]
    pub fn ends_with(self, code: i32) -> Outcome {
        assert_eq!(self.code(), Some(code), "the exit code should be {code}\n{}", self.describe());
        self
    }

    /// Ended by itself, with any exit code but that of a panic.
    #[track_caller]
    pub fn ends_orderly(self) -> Outcome {
        let orderly = self.code().is_some_and(|code| (0..=4).contains(&code));
        assert!(orderly, "the exit code should be one of 0 to 4\n{}", self.describe());
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Outcome {
        assert!(self.stdout().contains(text), "stdout should contain {text:?}\n{}", self.describe());
        self
    }

    #[track_caller]
    pub fn does_not_say(self, text: &str) -> Outcome {
        let silent = !self.stdout().contains(text) && !self.stderr().contains(text);
        assert!(silent, "nothing should contain {text:?}\n{}", self.describe());
        self
    }

    #[track_caller]
    pub fn warns(self, text: &str) -> Outcome {
        assert!(self.stderr().contains(text), "stderr should contain {text:?}\n{}", self.describe());
        self
    }

    /// Says it on either stream.
    #[track_caller]
    pub fn mentions(self, text: &str) -> Outcome {
        let found = self.stdout().contains(text) || self.stderr().contains(text);
        assert!(found, "the output should contain {text:?}\n{}", self.describe());
        self
    }

    #[track_caller]
    pub fn prints_nothing(self) -> Outcome {
        let silent = self.output.stdout.is_empty() && self.output.stderr.is_empty();
        assert!(silent, "nothing should be printed\n{}", self.describe());
        self
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.output.stdout)
            .unwrap_or_else(|error| panic!("stdout should be one JSON document: {error}\n{}", self.describe()))
    }

    /// A text field of the JSON document, by a dotted path such as `checkpoint.id`.
    #[track_caller]
    pub fn json_text(&self, path: &str) -> String {
        let document = self.json();
        let found = path.split('.').try_fold(&document, |value, key| value.get(key));
        let text = found.and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("there should be a text `{path}`\n{}", self.describe())).to_owned()
    }
}
