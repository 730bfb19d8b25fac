use super::*;
use crate::model::no_objects::NoObjects;
use crate::model::scratch::Scratch;
use crate::model::stack::FrameKind;

fn at() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn frame(session: &str, below: Option<ObjectId>) -> Frame {
    Frame { session: session.parse().unwrap(), kind: FrameKind::Branch, pushed: at(), below }
}

#[test]
fn a_stack_goes_there_and_back_and_names_its_top() {
    let store = Scratch::new(&NoObjects);
    let below = ObjectId::from_bytes(&[7; 20]).unwrap();
    let stack = Stack { frames: vec![frame("notifications", None), frame("fix-login", Some(below))] };
    let first = append(&store, &Identity::default(), None, &Stack::default(), at(), "begin").unwrap();
    let tip = append(&store, &Identity::default(), Some(&first), &stack, at(), "branch fix-login").unwrap();
    assert_eq!(read(&store, &tip).unwrap(), stack);
    assert_eq!(read_current(&store, &tip).unwrap().as_str(), "fix-login");
    assert_eq!(read_current(&store, &first).unwrap().as_str(), MAIN);
    let commit = Commit::parse(&store.read(&tip).unwrap().bytes).unwrap();
    assert_eq!(commit.parents, [first, below]);
}

#[test]
fn a_frame_that_names_the_context_below_is_read_as_any_other() {
    let text = "version = 1\nrevision = 0\n[[frame]]\nsession = \"urgent\"\nkind = \"branch\"\n\
        pushed = \"2026-11-21T10:00:00Z\"\nbelow = \"0707070707070707070707070707070707070707\"\n\
        context = \"0808080808080808080808080808080808080808\"\n";
    let file: File = versioned::parse(text.as_bytes(), "the stack").unwrap();
    assert_eq!(file.frames, [frame("urgent", ObjectId::from_bytes(&[7; 20]))]);
}

#[test]
fn what_is_no_stack_is_damaged() {
    let store = Scratch::new(&NoObjects);
    let tree = write_entries(&store, Vec::new()).unwrap();
    let author = Signature { identity: Identity::default(), seconds: 0, offset: 0 };
    let commit = Commit { tree, parents: Vec::new(), committer: author.clone(), author, message: "nothing\n".into() };
    let tip = store.write(ObjectKind::Commit, &commit.encode()).unwrap();
    assert!(matches!(read(&store, &tip), Err(StoreError::Damaged { .. })));
    assert!(matches!(read_current(&store, &tip), Err(StoreError::Damaged { .. })));
}
