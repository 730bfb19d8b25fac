use super::super::fixture::Fixture;
use super::super::{Expected, Store};
use super::*;

const SESSION: &str = "refs/ckpt/sessions/main";

fn publish(store: &Store, name: &str, new: Option<ObjectId>) {
    let edit = RefEdit { name: name.to_owned(), expected: Expected::Anything, new };
    store.publish(None, &[edit]).unwrap();
}

fn read_at(fixture: &Fixture, root: &Path) -> Anchors {
    let environment = fixture.environment(root);
    read(&environment, Store::open(&environment).unwrap().layout())
}

fn last(anchors: &Anchors) -> Option<ObjectId> {
    anchors.files.iter().find(|file| file.is_own)?.refs.get(SESSION)?.last
}

#[test]
fn what_is_published_is_known_and_what_is_refused_is_only_intended() {
    let fixture = Fixture::with_commit();
    let (store, head) = (fixture.store(), fixture.id("HEAD"));
    assert!(read_at(&fixture, &fixture.root).files.is_empty());
    publish(&store, SESSION, Some(head));
    let edit = |new| RefEdit { name: SESSION.to_owned(), expected: Expected::Absent, new: Some(new) };
    let other = fixture.id("HEAD^{tree}");
    assert!(store.publish(None, &[edit(other)]).is_err());
    publish(&store, "refs/heads/side", Some(head));
    let anchors = read_at(&fixture, &fixture.root);
    assert!(anchors.is_alone);
    let [file] = anchors.files.as_slice() else { panic!("{anchors:?}") };
    assert_eq!(file.refs.keys().collect::<Vec<_>>(), [SESSION]);
    let found = &file.refs[SESSION];
    assert_eq!((found.last, found.is_removed, found.known.len()), (Some(head), false, 2));
    publish(&store, SESSION, None);
    let anchors = read_at(&fixture, &fixture.root);
    assert_eq!((last(&anchors), anchors.files[0].refs[SESSION].is_removed), (None, true));
}

#[test]
fn anchors_follow_a_moved_repository_and_not_a_copy() {
    let fixture = Fixture::with_commit();
    let head = fixture.id("HEAD");
    publish(&fixture.store(), SESSION, Some(head));
    let (copy, moved) = (fixture.root.with_file_name("copy"), fixture.root.with_file_name("moved"));
    assert!(std::process::Command::new("cp").arg("-r").arg(&fixture.root).arg(&copy).status().unwrap().success());
    assert!(read_at(&fixture, &copy).files.is_empty());
    std::fs::remove_dir_all(&copy).unwrap();
    std::fs::rename(&fixture.root, &moved).unwrap();
    assert_eq!(last(&read_at(&fixture, &moved)), Some(head));
    let store = Store::open(&fixture.environment(&moved)).unwrap();
    publish(&store, "refs/ckpt/sessions/side", Some(head));
    let anchors = read_at(&fixture, &moved);
    assert_eq!((last(&anchors), anchors.files.len(), anchors.is_alone), (Some(head), 1, true));
}

#[test]
fn a_lost_identity_leaves_what_was_known_of_the_place() {
    let fixture = Fixture::with_commit();
    let head = fixture.id("HEAD");
    publish(&fixture.store(), SESSION, Some(head));
    std::fs::remove_dir_all(fixture.root.join(".git/ckpt")).unwrap();
    let anchors = read_at(&fixture, &fixture.root);
    assert_eq!(anchors.files.iter().map(|file| file.is_own).collect::<Vec<_>>(), [false]);
    publish(&fixture.store(), SESSION, Some(head));
    assert_eq!(read_at(&fixture, &fixture.root).files.len(), 2);
}

#[test]
fn no_state_folder_fails_nothing_and_is_remembered() {
    let fixture = Fixture::with_commit();
    let head = fixture.id("HEAD");
    publish(&fixture.store(), SESSION, Some(head));
    let state = fixture.root.with_file_name("state");
    std::fs::remove_dir_all(&state).unwrap();
    std::fs::write(&state, "in the way").unwrap();
    publish(&fixture.store(), "refs/ckpt/sessions/side", Some(head));
    assert!(read_at(&fixture, &fixture.root).files.is_empty());
    std::fs::remove_file(&state).unwrap();
    publish(&fixture.store(), SESSION, Some(head));
    assert!(!read_at(&fixture, &fixture.root).is_alone);
}

#[test]
fn a_state_folder_inside_the_work_tree_is_left_alone() {
    let fixture = Fixture::with_commit();
    let own = fixture.environment(&fixture.root);
    let variables = own.variables().map(|(name, value)| (name.clone(), value.clone()));
    let inside = ("XDG_STATE_HOME".into(), fixture.root.join("home/state").into());
    let environment = Environment::from_variables(variables.chain([inside]), &fixture.root);
    let store = Store::open(&environment).unwrap();
    publish(&store, SESSION, Some(fixture.id("HEAD")));
    assert!(!fixture.root.join("home").exists() && read(&environment, store.layout()).files.is_empty());
}

#[test]
fn torn_and_foreign_lines_are_passed_over() {
    let id = "1".repeat(40);
    let text =
        format!("= {SESSION} {id}\n= {SESSION} 12\n- x\n? a b\n\u{1}\n={SESSION}\n! {SESSION}\n- {SESSION} {id}\n@ /x");
    let refs = parse(text.as_bytes());
    assert_eq!(refs.len(), 1);
    assert_eq!(refs[SESSION].last, Some(id.parse().unwrap()));
    assert_eq!(parse(b"\xff\xfe\n\0\n"), BTreeMap::new());
}

#[test]
fn what_is_accepted_is_right_whatever_came_before() {
    let fixture = Fixture::with_commit();
    let head = fixture.id("HEAD");
    publish(&fixture.store(), SESSION, Some(fixture.id("HEAD^{tree}")));
    let (environment, store) = (fixture.environment(&fixture.root), fixture.store());
    accept(&environment, store.layout(), &[(SESSION.into(), Some(head)), ("refs/ckpt/sessions/x".into(), None)])
        .unwrap();
    let refs = &read(&environment, store.layout()).files[0].refs;
    assert_eq!((refs[SESSION].last, refs[SESSION].accepted), (Some(head), Some(head)));
    assert!(refs["refs/ckpt/sessions/x"].is_removed);
}
