//! Which part of the project a brief is about: partitions that were named or chosen, and their paths.

use bstr::{BString, ByteSlice};

use super::BriefRequest;
use crate::context::partition::Partitions;
use crate::model::change::Change;
use crate::ops::paths::{from_root, is_within};
use crate::ops::{OpError, Repo};
use crate::store::session::{PARTITIONS, Session};

/// The part of the project.
pub(super) struct Scope {
    /// Partitions whose documents belong to the brief.
    pub(super) partitions: Vec<String>,
    /// Only what lies within these paths counts, from the root; empty for everything.
    places: Vec<BString>,
}

impl Scope {
    pub(super) fn of(
        repo: &Repo,
        session: Option<&Session>,
        request: &BriefRequest,
        changes: &[Change],
    ) -> Result<Scope, OpError> {
        let listing = session.map(|session| session.text(&repo.store, PARTITIONS)).transpose()?.flatten();
        let all = listing.map_or(Ok(Partitions::default()), |text| Partitions::parse(&text))?;
        let typed = request.paths.iter().map(|path| from_root(repo.store.layout(), path.as_bstr()));
        let mut places = typed.collect::<Result<Vec<_>, _>>()?;
        let partitions = match &request.partition {
            Some(name) => {
                places.extend_from_slice(all.paths(name)?);
                vec![name.clone()]
            }
            None if places.is_empty() => owned(all.choose(changes.iter().map(|change| change.path.as_bstr()))),
            None => chosen_by(&all, &places),
        };
        if places.iter().any(|place| place.is_empty()) {
            places.clear();
        }
        Ok(Scope { partitions, places })
    }

    pub(super) fn has(&self, path: &[u8]) -> bool {
        self.places.is_empty() || self.places.iter().any(|place| is_within(path, place))
    }

    /// The paths that alone count, if it is not all of them.
    pub(super) fn places(&self) -> &[BString] {
        &self.places
    }
}

/// Those that have a place, and those within it.
fn chosen_by(all: &Partitions, places: &[BString]) -> Vec<String> {
    let mut chosen = owned(all.choose(places.iter().map(|place| place.as_bstr())));
    let is_inside = |paths: &[BString]| paths.iter().any(|path| places.iter().any(|place| is_within(path, place)));
    chosen.extend(all.iter().filter(|(_, paths)| is_inside(paths)).map(|(name, _)| name.to_owned()));
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}
