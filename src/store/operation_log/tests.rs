use proptest::prelude::*;

use super::*;
use crate::model::no_objects::NoObjects;
use crate::model::operation::RefChange;
use crate::model::scratch::Scratch;

fn record(verb: OperationVerb, subject: Option<u64>) -> OperationRecord {
    OperationRecord {
        verb,
        created: "2026-11-21T10:00:00.5Z".parse().unwrap(),
        description: "load before-refactor".into(),
        before: None,
        after: None,
        moved_head: true,
        moved_operation: false,
        submodules: true,
        paths: vec!["a\nb".into()],
        refs: Vec::new(),
        subject,
    }
}

fn add(store: &Scratch<'_>, tip: Option<&ObjectId>, record: &OperationRecord) -> ObjectId {
    append(store, store, &Identity::default(), tip, record).unwrap()
}

#[test]
fn the_log_comes_back_and_keeps_what_it_names() {
    let store = Scratch::new(&NoObjects);
    let kept = add(&store, None, &record(OperationVerb::Load, None));
    let mut first = record(OperationVerb::Drop, None);
    first.before = Some(kept);
    let gone = ObjectId::from_bytes(&[9; 20]);
    first.refs = vec![RefChange { name: "refs/ckpt/names/x".into(), old: Some(kept), new: gone }];
    let second = record(OperationVerb::Undo, Some(1));
    let tip = add(&store, None, &first);
    let tip = add(&store, Some(&tip), &second);
    assert_eq!(read_all(&store, Some(&tip)).unwrap(), [first, second]);
    assert_eq!(read_all(&store, None).unwrap(), []);
    let commit = Commit::parse(&store.read(&tip).unwrap().bytes).unwrap();
    let oldest = Commit::parse(&store.read(&commit.parents[0]).unwrap().bytes).unwrap();
    assert_eq!(oldest.parents, [kept], "what is absent may not become a parent");
}

#[test]
fn what_the_latest_operations_name_is_held() {
    let store = Scratch::new(&NoObjects);
    let kept = add(&store, None, &record(OperationVerb::Load, None));
    let mut first = record(OperationVerb::Branch, None);
    first.after = Some(kept);
    let mut tip = add(&store, None, &first);
    let gone = ObjectId::from_bytes(&[9; 20]).unwrap();
    assert!(holds_lately(&store, &tip, &kept) && !holds_lately(&store, &tip, &gone));
    for _ in 0..8 {
        assert!(holds_lately(&store, &tip, &kept));
        tip = add(&store, Some(&tip), &record(OperationVerb::Load, None));
    }
    assert!(!holds_lately(&store, &tip, &kept), "only a few are looked at");
}

#[test]
fn a_damaged_record_is_named() {
    let store = Scratch::new(&NoObjects);
    let blob = store.write(ObjectKind::Blob, b"x").unwrap();
    let error = read_all(&store, Some(&blob)).unwrap_err().to_string();
    assert!(error.contains(&format!("operation {}", blob.short())), "{error}");
}

#[test]
fn undo_and_redo_move_along_the_log() {
    use OperationVerb::{Load, Name, Redo, Undo};
    let log = [record(Load, None), record(Name, None), record(Undo, Some(2)), record(Undo, Some(1))];
    assert_eq!(replay(&log), Stacks { done: vec![], undone: vec![2, 1] });
    let redone: Vec<_> = log.iter().cloned().chain([record(Redo, Some(1))]).collect();
    assert_eq!(replay(&redone), Stacks { done: vec![1], undone: vec![2] });
    let anew: Vec<_> = redone.iter().cloned().chain([record(Load, None)]).collect();
    assert_eq!(replay(&anew), Stacks { done: vec![1, 6], undone: vec![] });
}

proptest! {
    /// Against the plainest model: a list of positions and a cursor.
    #[test]
    fn replay_is_a_list_with_a_cursor(steps in proptest::collection::vec(0..3u8, 0..40)) {
        let (mut log, mut list, mut cursor) = (Vec::new(), Vec::<u64>::new(), 0);
        for step in steps {
            if step == 0 {
                list.truncate(cursor);
                log.push(record(OperationVerb::Load, None));
                list.push(log.len() as u64);
                cursor += 1;
            } else if step == 1 && cursor > 0 {
                cursor -= 1;
                log.push(record(OperationVerb::Undo, Some(list[cursor])));
            } else if step == 2 && cursor < list.len() {
                log.push(record(OperationVerb::Redo, Some(list[cursor])));
                cursor += 1;
            }
        }
        let undone: Vec<u64> = list[cursor..].iter().rev().copied().collect();
        prop_assert_eq!(replay(&log), Stacks { done: list[..cursor].to_vec(), undone });
    }
}

#[test]
fn a_log_that_is_out_of_order_is_damaged_and_ends() {
    let store = Scratch::new(&NoObjects);
    let first = add(&store, None, &record(OperationVerb::Load, None));
    let second = add(&store, Some(&first), &record(OperationVerb::Load, None));
    let mut repeated = Commit::parse(&store.read(&second).unwrap().bytes).unwrap();
    repeated.parents = vec![second];
    let tip = store.write(ObjectKind::Commit, &repeated.encode()).unwrap();
    assert!(matches!(read_all(&store, Some(&tip)), Err(StoreError::Damaged { .. })));
    let (records, problem) = read_readable(&store, Some(&tip));
    assert!(records.len() == 1 && problem.is_some());
}
