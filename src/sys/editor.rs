//! The editor: a program that the user's environment names, never a repository.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Command;

use super::environment::Environment;

/// A command line for the shell of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor(OsString);

impl Editor {
    /// `$VISUAL`, else `$EDITOR`.
    pub fn of_environment(environment: &Environment) -> Option<Editor> {
        let chosen = environment.path("VISUAL").or_else(|| environment.path("EDITOR"));
        chosen.map(|command| Editor(command.into_os_string()))
    }

    /// Opens a file and waits until the user is done. `Ok(false)`: the editor says that it failed.
    pub fn open(&self, path: &Path, environment: &Environment) -> io::Result<bool> {
        let mut line = self.0.clone();
        // The path is the shell's first argument and no part of the command line, whatever is in it.
        line.push(" \"$@\"");
        let mut command = Command::new("sh");
        command.arg("-c").arg(line).arg("sh").arg(path).current_dir(environment.directory());
        Ok(command.status()?.success())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gets_the_path_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b$(touch x)");
        let variables = [("EDITOR".into(), "printf edited >".into())];
        let environment = Environment::from_variables(variables, folder.path());
        let editor = Editor::of_environment(&environment).unwrap();
        assert!(editor.open(&path, &environment).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"edited");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(!Editor("false".into()).open(&path, &environment).unwrap());
        assert_eq!(Editor::of_environment(&Environment::default()), None);
    }
}
