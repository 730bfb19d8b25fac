use super::*;
use crate::model::event::EventKind;
use crate::model::session::{SessionDetails, SessionState};
use crate::model::stack::{Frame, FrameKind};
use crate::ops::fixture::Fixture;
use crate::ops::points::find_session;
use crate::store::journal;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn started(repo: &Repo, session: &str) -> Switch {
    let time = repo.clock.now();
    let mut step = ChainStep::new(name(session), format!("session: started {session}"));
    step.record = Some(SessionRecord::new(session, time, SessionDetails::default()));
    let frame = Frame { session: name(session), kind: FrameKind::Start, pushed: time, below: None };
    let stack = Part::Stack(Stack { frames: vec![frame] }, format!("start {session}"));
    Switch { parts: vec![Part::Chain(Box::new(step)), stack], time }
}

#[test]
fn chain_and_stack_move_together_and_the_journal_goes_to_the_session_that_is_left() {
    let fixture = Fixture::new();
    let repo = &fixture.repo;
    let heard = Event::new(repo.clock.now(), EventKind::Commit, "one more", 1);
    journal::append(repo.store.layout(), &name("main"), &heard).unwrap();
    switch(repo, &mut || Ok((started(repo, "login"), ()))).unwrap();
    assert_eq!(repo.session(), name("login"));
    assert_eq!(fixture.git(&["log", "--format=%s", "refs/ckpt/sessions/login"]), "session: started login");
    assert_eq!(fixture.git(&["log", "--format=%s", "refs/ckpt/sessions/main"]), "events: taken from the journal");
    assert_eq!(fixture.git(&["log", "--format=%s", "refs/worktree/ckpt/stack"]), "start login");
    assert!(fixture.git(&["cat-file", "-p", "refs/ckpt/sessions/main:events/000001.jsonl"]).contains("one more"));
    assert!(journal::read(repo.store.layout(), &name("main")).unwrap().is_empty());
}

#[test]
fn a_session_that_comes_back_is_the_second_parent_of_the_next_commit_whatever_the_order() {
    let fixture = Fixture::new();
    let repo = &fixture.repo;
    fixture.noted("before");
    switch(repo, &mut || Ok((started(repo, "login"), ()))).unwrap();
    let back = || {
        let mut parent = ChainStep::new(name("main"), "return login");
        parent.merged = Some(name("login"));
        let mut child = ChainStep::new(name("login"), "session: completed");
        let mut record = find_session(repo, &name("login"))?.unwrap().record;
        record.details.state = SessionState::Complete;
        child.record = Some(record);
        let stack = Part::Stack(Stack::default(), "return login".into());
        let parts = vec![Part::Chain(Box::new(parent)), stack, Part::Chain(Box::new(child))];
        Ok((Switch { parts, time: repo.clock.now() }, ()))
    };
    switch(repo, &mut || back()).unwrap();
    assert_eq!(repo.session(), name("main"));
    let tips = fixture.git(&["rev-parse", "refs/ckpt/sessions/main^2", "refs/ckpt/sessions/login"]);
    let (merged, child) = tips.split_once('\n').unwrap();
    assert_eq!(merged, child);
    let state = find_session(repo, &name("login")).unwrap().unwrap().record.details.state;
    assert_eq!(state, SessionState::Complete);
}

#[test]
fn a_switch_that_loses_the_race_is_planned_again_on_what_is_there_then() {
    let fixture = Fixture::new();
    let repo = &fixture.repo;
    let mut asked = 0;
    let plan = &mut || {
        asked += 1;
        if asked > 1 {
            return Ok((started(repo, "login"), asked));
        }
        // What another tool does between our look and our write cannot be had here: an expectation that is wrong can.
        let expected = Expected::At(fixture.noted("elsewhere"));
        let lost = RefEdit { name: "refs/ckpt/sessions/other".into(), expected, new: None };
        Ok((Switch { parts: vec![Part::Ref(lost)], time: repo.clock.now() }, asked))
    };
    assert_eq!(switch(repo, plan).unwrap().0, 2);
    assert_eq!(repo.session(), name("login"));
}
