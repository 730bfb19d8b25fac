//! The options that every command takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::report::output::{Color, Wishes};

/// Options of every command.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Options of every command")]
pub struct GlobalOptions {
    /// Answer with one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Say only what was asked for: no notices, no hints
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Work as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", hide_default_value = true)]
    pub color: When,
    /// Never show the answer through a pager
    #[arg(long, global = true)]
    pub no_pager: bool,
    /// Answer every question with yes
    #[arg(short, long, global = true)]
    pub yes: bool,
}

/// When to use colours.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    #[default]
    Auto,
    Always,
    Never,
}

impl GlobalOptions {
    /// What of it is about output.
    pub fn wishes(&self) -> Wishes {
        let color = match self.color {
            When::Auto => Color::Auto,
            When::Always => Color::Always,
            When::Never => Color::Never,
        };
        Wishes { json: self.json, quiet: self.quiet, no_pager: self.no_pager, color }
    }
}
