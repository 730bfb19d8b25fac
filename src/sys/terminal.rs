//! What the process is attached to: terminals or pipes, how large the screen is, and which key is pressed.

use std::io::IsTerminal;

use super::environment::Environment;

/// Which of the three streams are terminals, and the size of the screen in columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    pub columns: usize,
    pub rows: Option<usize>,
}

/// Where neither the terminal nor `COLUMNS` says how wide the screen is.
const USUAL_COLUMNS: usize = 80;

impl Terminal {
    /// Looks at the streams of the process. `COLUMNS` counts only where stdout is no terminal.
    pub fn of_process(environment: &Environment) -> Terminal {
        let stdout = std::io::stdout();
        let size = stdout.is_terminal().then(|| terminal_size::terminal_size_of(&stdout)).flatten();
        let told = environment.var("COLUMNS").and_then(|text| text.parse().ok()).filter(|&columns| columns > 0);
        let (columns, rows) = match size {
            Some((width, height)) => (usize::from(width.0), Some(usize::from(height.0))),
            None => (told.unwrap_or(USUAL_COLUMNS), None),
        };
        Terminal {
            stdin: std::io::stdin().is_terminal(),
            stdout: stdout.is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            columns: if columns == 0 { USUAL_COLUMNS } else { columns },
            rows,
        }
    }

    /// No terminal anywhere, 80 columns: what a pipe sees.
    pub const fn none() -> Terminal {
        Terminal { stdin: false, stdout: false, stderr: false, columns: USUAL_COLUMNS, rows: None }
    }
}

/// What somebody at the terminal wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Next,
    Back,
    Diff,
    Quit,
    Other,
}

/// Waits for a key. The end of the input is a wish to leave.
pub fn read_key() -> std::io::Result<Key> {
    use console::Key as Pressed;
    Ok(match console::Term::stdout().read_key()? {
        Pressed::Enter | Pressed::Char(' ' | 'n') | Pressed::ArrowRight | Pressed::ArrowDown => Key::Next,
        Pressed::Backspace | Pressed::Char('b') | Pressed::ArrowLeft | Pressed::ArrowUp => Key::Back,
        Pressed::Char('d') => Key::Diff,
        Pressed::Char('q') | Pressed::Escape | Pressed::CtrlC => Key::Quit,
        Pressed::Unknown => Key::Quit,
        _ => Key::Other,
    })
}
