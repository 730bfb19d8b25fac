use super::*;

struct Place {
    _folder: tempfile::TempDir,
    layout: Layout,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout {
        work_dir: folder.path().into(),
        git_dir: folder.path().into(),
        common_dir: folder.path().into(),
        own_dir: folder.path().join("ckpt"),
        own_worktree_dir: folder.path().join("ckpt/worktree"),
        worktree_key: String::new(),
        sharing: crate::store::Sharing::Umask,
        prefix: BString::default(),
    };
    Place { _folder: folder, layout }
}

fn main() -> Name {
    "main".parse().unwrap()
}

fn event(text: &str, salt: u64) -> Event {
    Event::new("2026-11-21T09:00:00Z".parse().unwrap(), EventKind::Commit, text, salt)
}

fn texts(lines: &[BString]) -> Vec<String> {
    lines.iter().map(|line| Event::parse_line(line).unwrap().text).collect()
}

#[test]
fn what_was_appended_is_taken_once() {
    let place = place();
    assert!(take(&place.layout, &main()).unwrap().is_none());
    append(&place.layout, &main(), &event("one", 1)).unwrap();
    append(&place.layout, &main(), &event("two", 2)).unwrap();
    append(&place.layout, &"other".parse().unwrap(), &event("not mine", 3)).unwrap();
    assert_eq!(read(&place.layout, &main()).unwrap().len(), 2);
    let folding = take(&place.layout, &main()).unwrap().unwrap();
    assert_eq!(texts(&folding.lines), ["one", "two"]);
    assert!(!folding.is_repeated);
    append(&place.layout, &main(), &event("three", 4)).unwrap();
    folding.remove();
    let next = take(&place.layout, &main()).unwrap().unwrap();
    assert_eq!(texts(&next.lines), ["three"]);
    next.remove();
    assert!(take(&place.layout, &main()).unwrap().is_none());
}

#[test]
fn a_fold_that_died_is_done_again_and_says_so() {
    let place = place();
    append(&place.layout, &main(), &event("one", 1)).unwrap();
    drop(take(&place.layout, &main()).unwrap());
    append(&place.layout, &main(), &event("two", 2)).unwrap();
    assert_eq!(read(&place.layout, &main()).unwrap().len(), 2);
    let folding = take(&place.layout, &main()).unwrap().unwrap();
    assert!(folding.is_repeated);
    assert_eq!(texts(&folding.lines), ["one", "two"]);
    folding.remove();
    assert!(take(&place.layout, &main()).unwrap().is_none());
}

#[test]
fn a_line_cut_short_harms_only_itself() {
    let place = place();
    append(&place.layout, &main(), &event("one", 1)).unwrap();
    let path = folder(&place.layout).join("main.jsonl");
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"id\":\"cut").unwrap();
    append(&place.layout, &main(), &event("two", 2)).unwrap();
    let folding = take(&place.layout, &main()).unwrap().unwrap();
    assert_eq!(texts(&folding.lines), ["one", "{\"id\":\"cut", "two"]);
    assert_eq!(Event::parse_line(&folding.lines[1]).unwrap().kind.as_str(), UNREADABLE);
    folding.remove();
}

#[test]
fn eight_writers_beside_a_fold_lose_nothing_and_double_nothing() {
    const EACH: u64 = 200;
    let place = place();
    let layout = &place.layout;
    let mut taken = Vec::new();
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                scope.spawn(move || {
                    for number in 0..EACH {
                        append(layout, &main(), &event(&format!("{writer} {number}"), writer * EACH + number)).unwrap();
                    }
                })
            })
            .collect();
        while writers.iter().any(|writer| !writer.is_finished()) {
            if let Some(folding) = take(layout, &main()).unwrap() {
                taken.extend(texts(&folding.lines));
                folding.remove();
            }
        }
    });
    if let Some(folding) = take(layout, &main()).unwrap() {
        taken.extend(texts(&folding.lines));
        folding.remove();
    }
    assert_eq!(taken.len() as u64, 8 * EACH);
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len() as u64, 8 * EACH);
}
