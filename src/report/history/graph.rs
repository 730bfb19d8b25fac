//! The lines beside a timeline: a lane for each session, one that leaves another and comes back to it.
//!
//! Newest first, so a lane is seen to begin where its session ended: at the entry with which it came back, or at its own
//! last entry. Pure; it knows the sessions by their names alone.

use std::rc::Rc;

use crate::report::look::Look;
use crate::report::style::Role;

/// Lanes beyond these are drawn in the last one: a screen has an edge.
const MOST: usize = 8;

/// The lanes that are open.
#[derive(Clone, Debug)]
pub struct Graph {
    lanes: Vec<Option<Lane>>,
    most: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Lane {
    session: String,
    /// Whether anything of it was drawn; before that its place is kept, and empty.
    is_begun: bool,
}

/// What an entry is to the graph.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    pub session: &'a str,
    /// The sessions that it interrupted, one in another, the outermost first: their lanes are left of its own.
    pub ancestors: &'a [Rc<str>],
    pub is_point: bool,
    /// A session that came back with this entry, or began with it.
    pub joins: Option<&'a str>,
    pub branches: Option<&'a str>,
    /// It is the first of its session, and no other entry tells where that began.
    pub is_first: bool,
}

/// What stands beside an entry: lines above it, its own, and lines below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    pub above: Vec<String>,
    pub beside: String,
    pub below: Vec<String>,
}

impl Graph {
    /// No lanes yet, and never more than `most`.
    pub fn new(most: usize) -> Graph {
        Graph { lanes: Vec::new(), most: most.clamp(2, MOST) }
    }

    /// Draws an entry.
    pub fn draw(&mut self, place: &Place<'_>, look: &Look) -> Drawn {
        let mut drawn = Drawn::default();
        let others = place.ancestors.iter().filter(|other| &***other != place.session);
        let least = others.fold(0, |least, other| self.keep(other, least) + 1);
        let at = self.keep(place.session, least);
        if let Some(lane) = self.lanes[at].as_mut() {
            lane.is_begun = true;
        }
        if let Some(child) = place.branches
            && let Some(end) = self.find(child).filter(|&end| end != at)
        {
            drawn.above.push(self.connection(at, end, false, look));
            self.close(end);
        }
        drawn.beside = self.row(Some((at, if place.is_point { '*' } else { 'o' })), look);
        if let Some(child) = place.joins.filter(|child| self.find(child).is_none()) {
            let start = self.keep(child, at + 1);
            drawn.below.push(self.connection(at, start, true, look));
            if let Some(lane) = self.lanes[start].as_mut() {
                lane.is_begun = true;
            }
        }
        if place.is_first {
            self.close(at);
        }
        drawn
    }

    /// The lanes alone, for a line that is no entry.
    pub fn between(&self, look: &Look) -> String {
        self.row(None, look)
    }

    fn find(&self, session: &str) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.as_ref().is_some_and(|lane| lane.session == session))
    }

    /// The place of a session; a free one from `least` on where it has none.
    fn keep(&mut self, session: &str, least: usize) -> usize {
        if let Some(at) = self.find(session) {
            return at;
        }
        let free = (least..self.lanes.len()).find(|&at| self.lanes[at].is_none());
        let at = free.unwrap_or(self.lanes.len().max(least)).min(self.most - 1);
        if self.lanes.len() <= at {
            self.lanes.resize(at + 1, None);
        }
        if self.lanes[at].is_none() {
            self.lanes[at] = Some(Lane { session: session.to_owned(), is_begun: false });
        }
        at
    }

    fn close(&mut self, at: usize) {
        self.lanes[at] = None;
        while self.lanes.last().is_some_and(Option::is_none) {
            self.lanes.pop();
        }
    }

    fn mark(&self, at: usize) -> char {
        if self.lanes[at].as_ref().is_some_and(|lane| lane.is_begun) { '|' } else { ' ' }
    }

    fn row(&self, entry: Option<(usize, char)>, look: &Look) -> String {
        let cells = (0..self.lanes.len()).map(|at| match entry {
            Some((of, '*')) if of == at => look.paint(Role::Heading, "*") + " ",
            Some((of, mark)) if of == at => painted(at, mark, look) + " ",
            _ => painted(at, self.mark(at), look) + " ",
        });
        cells.collect()
    }

    /// The line between two lanes: `|\` where the second one opens below the first, `|/` where it closes above it.
    fn connection(&self, at: usize, other: usize, opens: bool, look: &Look) -> String {
        let (low, high) = (at.min(other), at.max(other));
        // Seen from the first lane the second one lies to the right, as a rule.
        let slant = if opens == (at < other) { '\\' } else { '/' };
        let mut line = String::new();
        for lane in 0..self.lanes.len() {
            let mark = if lane == other { ' ' } else { self.mark(lane) };
            let gap = match lane {
                lane if lane < low || lane >= high => ' ',
                // The slant touches the lane that comes or goes.
                lane if (at < other && lane + 1 == high) || (at > other && lane == low) => slant,
                _ if opens == (at < other) => '-',
                _ => '_',
            };
            line.push_str(&painted(lane, mark, look));
            line.push_str(&painted(other, gap, look));
        }
        line.trim_end().to_owned()
    }
}

fn painted(at: usize, mark: char, look: &Look) -> String {
    const ROLES: [Role; 4] = [Role::Faint, Role::Hunk, Role::Added, Role::Changed];
    if mark == ' ' { " ".to_owned() } else { look.paint(ROLES[at % ROLES.len()], &mark.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws entries `session what`, where what is nothing, `+child` (it came back), or `-child` (it began).
    fn drawing(entries: &[&str], parents: &[(&str, &str)]) -> String {
        let look = Look::plain("2026-11-21T10:00:00Z".parse().unwrap());
        let mut graph = Graph::new(MOST);
        let mut out = String::new();
        for entry in entries {
            let (session, what) = entry.split_once(' ').unwrap_or((entry, ""));
            let mut ancestors: Vec<Rc<str>> = Vec::new();
            let above = |of: &str| parents.iter().find(|(child, _)| *child == of).map(|(_, parent)| *parent);
            let mut next = above(session);
            while let Some(parent) = next.filter(|_| ancestors.len() < 3) {
                ancestors.insert(0, parent.into());
                next = above(parent);
            }
            let is_first = what == ".";
            let (joins, branches) = (what.strip_prefix('+'), what.strip_prefix('-'));
            let place = Place { session, ancestors: &ancestors, is_point: what.is_empty(), joins, branches, is_first };
            let drawn = graph.draw(&place, &look);
            for line in drawn.above.iter().chain([&(drawn.beside + entry)]).chain(&drawn.below) {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
        out
    }

    #[test]
    fn a_session_leaves_another_and_comes_back() {
        let parents = [("fix", "main")];
        let drawn = drawing(&["main", "main +fix", "fix", "fix", "main -fix", "main ."], &parents);
        insta::assert_snapshot!(drawn, @r"
        * main
        o main +fix
        |\
        | * fix
        | * fix
        |/
        o main -fix
        o main .
        ");
    }

    #[test]
    fn one_that_is_not_back_is_open_above() {
        let parents = [("fix", "main"), ("typo", "fix")];
        let drawn = drawing(&["typo", "fix", "main", "fix -typo", "main -fix", "main"], &parents);
        insta::assert_snapshot!(drawn, @r"
            * typo
          * | fix
        * | | main
        | |/
        | o fix -typo
        |/
        o main -fix
        * main
        ");
    }

    #[test]
    fn lines_cross_those_between() {
        let parents = [("a", "main"), ("b", "main")];
        let drawn = drawing(&["main", "a", "main +b", "b", "a", "main -b", "main -a", "main"], &parents);
        insta::assert_snapshot!(drawn, @r"
        * main
        | * a
        o | main +b
        |-|\
        | | * b
        | * | a
        |_|/
        o | main -b
        |/
        o main -a
        * main
        ");
    }

    #[test]
    fn sessions_of_no_parent_stand_beside_each_other() {
        let drawn = drawing(&["main", "other", "main", "other .", "main ."], &[]);
        insta::assert_snapshot!(drawn, @r"
        * main
        | * other
        * | main
        | o other .
        o main .
        ");
    }

    #[test]
    fn no_history_however_odd_breaks_it() {
        let many: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
        let mut entries: Vec<&str> = many.iter().map(String::as_str).collect();
        entries.extend(["s1 +s1", "s1 -s1", "s2 -s39", "s39 -s2", "s3 +s4", "x -y", "x +y", "y -x"]);
        let parents = [("s5", "s6"), ("s6", "s5"), ("s7", "s7")];
        let drawn = drawing(&entries, &parents);
        assert!(drawn.lines().all(|line| line.len() <= 2 * MOST + 8), "{drawn}");
    }
}
