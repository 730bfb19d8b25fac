//! What is coloured how. Without colour every text stays as it is, and must say the same.

use anstyle::{AnsiColor, Effects, Style};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Id,
    Name,
    Heading,
    Faint,
    Added,
    Removed,
    Changed,
    /// The words that differ within an added or a removed line.
    AddedWord,
    RemovedWord,
    Hunk,
    /// What was looked for.
    Hit,
    Error,
    Warning,
    Hint,
}

/// Paints text, or does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    pub colored: bool,
}

impl Palette {
    /// `text` in the colours of `role`.
    pub fn paint(self, role: Role, text: &str) -> String {
        if !self.colored || text.is_empty() {
            return text.to_owned();
        }
        let style = style_of(role);
        format!("{style}{text}{style:#}")
    }
}

fn style_of(role: Role) -> Style {
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match role {
        Role::Id => color(AnsiColor::Yellow),
        Role::Name => color(AnsiColor::Cyan).effects(Effects::BOLD),
        Role::Heading => Style::new().effects(Effects::BOLD),
        Role::Faint => Style::new().effects(Effects::DIMMED),
        Role::Added => color(AnsiColor::Green),
        Role::Removed => color(AnsiColor::Red),
        Role::Changed => color(AnsiColor::Blue),
        Role::AddedWord => color(AnsiColor::Green).effects(Effects::BOLD | Effects::INVERT),
        Role::RemovedWord => color(AnsiColor::Red).effects(Effects::BOLD | Effects::INVERT),
        Role::Hunk => color(AnsiColor::Cyan),
        Role::Hit => color(AnsiColor::Red).effects(Effects::BOLD),
        Role::Error => color(AnsiColor::Red).effects(Effects::BOLD),
        Role::Warning => color(AnsiColor::Yellow).effects(Effects::BOLD),
        Role::Hint => color(AnsiColor::Green).effects(Effects::BOLD),
    }
}
