//! The answer of `ckpt list`: one line a checkpoint, newest first.

use super::look::Look;
use super::style::Role;
use super::table::{self, Cell};
use super::text;
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::CheckpointKind;
use crate::ops::list::PointList;
use crate::ops::points::Listed;

/// The table, for people.
pub fn render(list: &PointList, look: &Look) -> String {
    let session = |listed: &Listed| listed.summary.session.clone();
    let is_mixed = list.points.windows(2).any(|pair| session(&pair[0]) != session(&pair[1]));
    let rows: Vec<Vec<Cell>> = list.points.iter().map(|listed| row(listed, is_mixed, look)).collect();
    let limits = [10, (look.width / 5).max(8), 8, (look.width / 6).max(6), (look.width / 8).max(6), 14];
    table::render(&rows, &limits, look.width, look.palette)
}

/// The session is told where the list has those of several.
fn row(listed: &Listed, is_mixed: bool, look: &Look) -> Vec<Cell> {
    let summary = &listed.summary;
    let names: Vec<String> = listed.names.iter().map(text::line).collect();
    let name = match (names.is_empty(), summary.kind) {
        (false, _) => Cell::painted(Role::Name, names.join(", ")),
        (true, CheckpointKind::Manual) => Cell::plain(""),
        (true, CheckpointKind::Safety) => Cell::painted(Role::Faint, "(safety)"),
        (true, CheckpointKind::Auto) => Cell::painted(Role::Faint, "(auto)"),
    };
    vec![
        Cell::painted(Role::Id, summary.id.short()),
        name,
        Cell::painted(Role::Faint, look.age(summary.created)),
        Cell::plain(if is_mixed { text::line(&summary.session) } else { String::new() }),
        Cell::plain(summary.branch.as_ref().map_or_else(|| "(detached)".to_owned(), text::line)),
        Cell::plain(changes(&summary.changes)),
        Cell::plain(text::line(&summary.subject)),
    ]
}

/// `+2 ~3 -1`: new, modified, deleted.
fn changes(counts: &ChangeCounts) -> String {
    let parts = [('+', counts.new), ('~', counts.modified), ('-', counts.deleted)];
    let told: Vec<String> =
        parts.iter().filter(|(_, number)| *number > 0).map(|(sign, number)| format!("{sign}{number}")).collect();
    told.join(" ")
}
