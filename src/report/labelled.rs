//! The answers of `ckpt name`, `ckpt rename` and `ckpt drop`.

use super::look::Look;
use super::style::Role;
use super::{text, words};
use crate::ops::label::{Dropped, Named};

/// What has which name now.
pub fn render_named(named: &Named, look: &Look) -> String {
    let id = look.paint(Role::Id, &named.id.short());
    let name = look.paint(Role::Name, &text::line(named.name.as_str()));
    match (&named.renamed_from, named.previous) {
        (Some(old), _) => format!("Renamed {} to {name} ({id})\n", text::line(old.as_str())),
        (None, Some(previous)) if previous == named.id => format!("{id} is called {name} already\n"),
        (None, Some(previous)) => format!("Moved {name} from {} to {id}\n", look.paint(Role::Id, &previous.short())),
        (None, None) => format!("Named {id} {name}\n"),
    }
}

/// What was dropped.
pub fn render_dropped(dropped: &Dropped, look: &Look) -> String {
    let ids: Vec<String> = dropped.ids.iter().map(|id| look.paint(Role::Id, &id.short())).collect();
    let names: Vec<String> = dropped.names.iter().map(|name| look.paint(Role::Name, &text::line(name))).collect();
    let with = if names.is_empty() { String::new() } else { format!(" with the names {}", words::joined(&names)) };
    format!("Dropped {}{with}; `ckpt undo` brings it back\n", words::joined(&ids))
}
