//! What a brief needs of the layers: what is compressed already, what came since, what is pinned. Writes nothing.

use super::items;
use super::layers::stored_layers;
use crate::model::event::{Event, EventKind};
use crate::ops::{OpError, Repo};
use crate::store::event_tail::{events_after, events_of_kinds};
use crate::store::journal;
use crate::store::session::Session;
use crate::summary::line::{Line, Part};
use crate::summary::standing::{KeptKind, Standing};

/// The history as far as it is compressed, and the rest.
#[derive(Debug, Default)]
pub(in crate::ops) struct Recent {
    /// Lines of what is compressed, the newest first.
    pub(in crate::ops) earlier: Vec<Line>,
    /// The events since then that the chain has, oldest first; `None` where nothing is compressed.
    pub(in crate::ops) since: Option<Vec<Event>>,
    /// Id and text.
    pub(in crate::ops) pinned: Vec<(String, String)>,
}

/// Looks at the current session. The same state gives the same lines: ages count from the last thing that is compressed.
pub(in crate::ops) fn recent(repo: &Repo, session: Option<&Session>) -> Result<Recent, OpError> {
    let (layers, place) = stored_layers(repo, session);
    let mut standing: Standing = layers.standing.clone();
    let pins = [EventKind::Pin, EventKind::Unpin];
    let chained = session.map(|session| events_of_kinds(&repo.store, session, place.as_ref(), &pins)).transpose()?;
    let waiting = journal::read(repo.store.layout(), &repo.session())?;
    let all = chained.iter().flatten().chain(waiting.iter().filter(|event| pins.contains(&event.kind)));
    all.for_each(|event| drop(standing.feed(&items::of_event(event))));
    let pinned = standing.iter().filter(|kept| kept.kind == KeptKind::Pinned);
    let pinned = pinned.map(|kept| (kept.id.clone(), kept.text.clone())).collect();
    let Some(last) = layers.digests.last().map(|digest| digest.to) else {
        return Ok(Recent { pinned, ..Recent::default() });
    };
    let lines = layers.view(&[], last, &repo.summary.ages, &|_| true).lines();
    let is_told = |line: &Line| !line.is_kept && matches!(line.part, Part::Earlier | Part::Done | Part::Problems);
    let mut earlier: Vec<Line> = lines.into_iter().filter(is_told).collect();
    earlier.reverse();
    let since = match (session, &place) {
        (Some(session), Some(place)) => events_after(&repo.store, session, Some(place))?
            .map(|events| events.into_iter().map(|(event, _)| event).collect()),
        _ => None,
    };
    // A place that is none: the layers are of another chain, and nothing of them is told.
    if since.is_none() {
        return Ok(Recent { pinned, ..Recent::default() });
    }
    Ok(Recent { earlier, since, pinned })
}
