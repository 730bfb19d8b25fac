use super::*;

/// A load that died with half of its files written.
fn interrupted(fixture: &Fixture, head: bool) -> (ObjectId, Picture, Picture) {
    let (id, good) = (saved(fixture), picture(fixture));
    wreck(fixture);
    let bad = picture(fixture);
    let safety = save(&fixture.repo, &SaveRequest::of_kind(CheckpointKind::Safety)).unwrap().id;
    let started = "2026-11-21T10:00:00Z".parse().unwrap();
    let journal = Journal { head, ..Journal::new(safety, id, started, "load good".into()) };
    journal::write(&own_dir(fixture), &journal).unwrap();
    fs::remove_file(fixture.root.join("sub")).unwrap();
    fs::create_dir(fixture.root.join("sub")).unwrap();
    write(fixture, "sub/kept", "kept\n");
    let staging = own_dir(fixture).join("staging");
    fs::create_dir_all(&staging).unwrap();
    fs::write(staging.join("paths"), "tracked\0new/untracked").unwrap();
    fs::write(staging.join("0.part"), "tw").unwrap();
    (id, good, bad)
}

#[test]
fn an_interrupted_load_stops_the_next_and_can_be_finished() {
    let fixture = at_work();
    let (id, good, bad) = interrupted(&fixture, false);
    let pending = find_pending(&fixture.repo).unwrap().unwrap();
    assert_eq!((pending.target, pending.is_running, pending.description.as_str()), (id, false, "load good"));
    assert!(matches!(load(&fixture, &request(&id)), Err(OpError::RecoveryPending { .. })));
    assert!(matches!(undo(&fixture.repo), Err(OpError::RecoveryPending { .. })));
    let loaded = recover(&fixture.repo, Direction::Finish).unwrap();
    assert_eq!(loaded.safety, pending.safety);
    assert_eq!(picture(&fixture), good);
    assert!(matches!(recover(&fixture.repo, Direction::Finish), Err(OpError::NothingToRecover)));
    undo(&fixture.repo).unwrap();
    assert_eq!(picture(&fixture), bad);
}

#[test]
fn an_interrupted_load_can_be_undone_and_leaves_no_operation() {
    let fixture = at_work();
    let (_, _, bad) = interrupted(&fixture, false);
    recover(&fixture.repo, Direction::Undo).unwrap();
    assert_eq!(picture(&fixture), bad);
    assert!(find_pending(&fixture.repo).unwrap().is_none());
    assert!(operations(&fixture.repo).unwrap().is_empty());
}

#[test]
fn work_done_after_the_death_is_kept_by_the_recovery() {
    let fixture = at_work();
    let (_, good, _) = interrupted(&fixture, false);
    write(&fixture, "tracked", "done after the death\n");
    let staging = own_dir(&fixture).join("staging");
    fs::write(staging.join("1.new"), "displaced and never proved\n").unwrap();
    fs::write(fixture.root.join("new/untracked"), "new\n").unwrap();
    let loaded = recover(&fixture.repo, Direction::Finish).unwrap();
    assert_eq!(picture(&fixture), good);
    let kept = loaded.kept.unwrap();
    assert_ne!(kept, loaded.safety);
    assert_eq!(fixture.git(&["show", &format!("{kept}:tracked")]), "done after the death");
    let list = fixture.git(&["for-each-ref", "--format=%(objectname)", "refs/ckpt/checkpoints"]);
    let holds = |path: &str, text: &str| {
        list.lines().any(|id| {
            let entry = fixture.git(&["ls-tree", id, path]);
            entry.split_whitespace().nth(2).is_some_and(|blob| fixture.git(&["cat-file", "-p", blob]) == text)
        })
    };
    assert!(holds("tracked", "done after the death"));
    assert!(holds("new/untracked", "displaced and never proved"));
}

#[test]
fn a_recovery_after_the_last_effect_does_not_record_twice() {
    let fixture = at_work();
    let id = saved(&fixture);
    wreck(&fixture);
    let bad = picture(&fixture);
    let plan = prepare(&fixture.repo, &request(&id), false).unwrap();
    let (job, safety) = (plan.job.as_ref().unwrap(), plan.safety.unwrap());
    let journal = Journal::new(safety, id, job.started, job.errand.description.clone());
    carry_out(&fixture.repo, plan).unwrap();
    journal::write(&own_dir(&fixture), &journal).unwrap();
    recover(&fixture.repo, Direction::Finish).unwrap();
    assert_eq!(operations(&fixture.repo).unwrap().len(), 1);
    journal::write(&own_dir(&fixture), &journal).unwrap();
    recover(&fixture.repo, Direction::Undo).unwrap();
    assert_eq!(picture(&fixture), bad);
    let log = operations(&fixture.repo).unwrap();
    assert_eq!((log.len(), log[1].is_undone), (2, true));
    redo(&fixture.repo).unwrap();
    assert_eq!(read(&fixture, "tracked"), "two\n");
}

#[test]
fn a_damaged_journal_is_not_taken_for_none() {
    let fixture = at_work();
    let id = saved(&fixture);
    fs::create_dir_all(own_dir(&fixture)).unwrap();
    fs::write(own_dir(&fixture).join("pending.toml"), "version = 7\n").unwrap();
    assert!(load(&fixture, &request(&id)).is_err());
    assert!(recover(&fixture.repo, Direction::Undo).is_err());
}
