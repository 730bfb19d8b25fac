//! Lays out the help: the commands in groups, and each command's help short enough to be read at once.
//!
//! `--help` and `-h` say the same. The manual page is made from the tree as it was before.

use clap::Command;
use clap::builder::Resettable;

use crate::report::text;

/// Columns that the help may take.
pub const WIDTH: usize = 80;

/// The commands as the help groups them. A test holds that every command is in it once.
pub const GROUPS: [(&str, &[&str]); 6] = [
    (
        "Points",
        &[
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
        ],
    ),
    ("Words", &["context", "note", "decide", "issue", "todo", "next", "brief"]),
    ("Sessions", &["session", "branch", "return", "stack", "template", "check", "progress"]),
    ("History", &["log", "replay", "search", "summary", "summarize", "expand", "pin", "unpin"]),
    ("Wiring", &["init", "uninit", "hooks"]),
    ("Upkeep", &["verify", "doctor", "completions", "man"]),
];

/// Gives the tree of commands its help.
pub fn lay_out(mut tree: Command) -> Command {
    let template = template_of_all(&tree);
    for name in GROUPS.iter().flat_map(|(_, names)| *names) {
        tree = tree.mut_subcommand(name, lay_out_command);
    }
    tree.help_template(template)
}

fn template_of_all(tree: &Command) -> String {
    let mut template = "{about}\n\n{usage-heading} {usage}\n".to_owned();
    for (title, names) in GROUPS {
        template.push_str(&format!("\n{title}:\n"));
        for name in names {
            let about = tree.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            template.push_str(&format!("  {name:<12} {about}\n"));
        }
    }
    template + "\n{options}\n\nType `ckpt COMMAND --help` for more about one.{after-help}"
}

/// A long text would make the parser spread every option over two lines and more, so it is put into the template.
fn lay_out_command(command: Command) -> Command {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let long = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    let details = long.strip_prefix(&about).unwrap_or_default().trim();
    let details = if details.is_empty() { String::new() } else { text::wrap(details, WIDTH) + "\n" };
    let template = format!("{{about}}\n\n{details}{{usage-heading}} {{usage}}\n\n{{all-args}}{{after-help}}");
    command.long_about(Resettable::Reset).help_template(template)
}
