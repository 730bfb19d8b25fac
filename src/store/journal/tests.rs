use super::*;

struct Place {
    _folder: tempfile::TempDir,
    layout: Layout,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::all_in(folder.path());
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
fn what_a_fold_of_one_session_left_is_no_other_ones() {
    let place = place();
    let other = "other".parse().unwrap();
    append(&place.layout, &main(), &event("one", 1)).unwrap();
    drop(take(&place.layout, &main()).unwrap());
    assert!(take(&place.layout, &other).unwrap().is_none());
    append(&place.layout, &other, &event("not mine", 2)).unwrap();
    let folding = take(&place.layout, &other).unwrap().unwrap();
    assert_eq!((texts(&folding.lines), folding.is_repeated), (vec!["not mine".to_owned()], false));
    folding.remove();
    assert_eq!(texts(&take(&place.layout, &main()).unwrap().unwrap().lines), ["one"]);
}

#[test]
fn nothing_is_appended_to_a_file_that_a_fold_has_renamed() {
    let place = place();
    append(&place.layout, &main(), &event("one", 1)).unwrap();
    let path = folder(&place.layout).join("main.jsonl");
    let file = open_to_append(&path).unwrap();
    take(&place.layout, &main()).unwrap().unwrap().remove();
    assert!(!append_to(&file, &path, b"late").unwrap());
    assert_eq!(file.metadata().unwrap().len(), file_size_of("one"));
    append(&place.layout, &main(), &event("two", 2)).unwrap();
    assert!(!append_to(&file, &path, b"later").unwrap(), "another file stands there now");
    assert_eq!(texts(&take(&place.layout, &main()).unwrap().unwrap().lines), ["two"]);
}

fn file_size_of(text: &str) -> u64 {
    event(text, 1).to_line().len() as u64 + 1
}

#[test]
fn a_file_that_went_meanwhile_is_passed_over_and_one_that_cannot_be_read_is_not() {
    let place = place();
    append(&place.layout, &main(), &event("one", 1)).unwrap();
    drop(take(&place.layout, &main()).unwrap());
    // A link to nowhere is listed, and is not there when it is opened.
    let second = folding_path(&place.layout, &main(), 2);
    std::os::unix::fs::symlink("nowhere", &second).unwrap();
    assert_eq!(read(&place.layout, &main()).unwrap().len(), 1);
    assert_eq!(open_files(&place.layout, &main()).unwrap().len(), 1);
    assert_eq!(take(&place.layout, &main()).unwrap().unwrap().lines.len(), 1);
    std::fs::remove_file(&second).unwrap();
    std::os::unix::fs::symlink(second.file_name().unwrap(), &second).unwrap();
    assert!(read(&place.layout, &main()).is_err());
    assert!(open_files(&place.layout, &main()).is_err());
    assert!(take(&place.layout, &main()).is_err());
}

#[test]
fn a_journal_whose_folder_cannot_be_read_is_not_taken_for_an_empty_one() {
    let place = place();
    std::fs::create_dir_all(&place.layout.own_dir).unwrap();
    std::fs::write(folder(&place.layout), "no folder").unwrap();
    assert!(read(&place.layout, &main()).is_err());
    assert!(take(&place.layout, &main()).is_err());
}

#[test]
fn a_fold_that_cannot_take_the_file_says_so_and_leaves_it() {
    let place = place();
    // Just short enough for the journal's file, and too long for the one that it becomes.
    let session: Name = "x".repeat(249).parse().unwrap();
    append(&place.layout, &session, &event("one", 1)).unwrap();
    assert!(matches!(take(&place.layout, &session), Err(StoreError::Io { action: "rename", .. })));
    assert_eq!(read(&place.layout, &session).unwrap().len(), 1);
}

#[test]
fn a_fold_waits_for_an_append_that_is_under_way_and_not_for_ever() {
    let place = place();
    append(&place.layout, &main(), &event("one", 1)).unwrap();
    let file = open_to_append(&folder(&place.layout).join("main.jsonl")).unwrap();
    file.lock_shared().unwrap();
    let begun = Instant::now();
    assert!(take(&place.layout, &main()).unwrap().is_none(), "it is left for the next fold");
    assert!(begun.elapsed() >= PATIENCE);
    assert_eq!(read(&place.layout, &main()).unwrap().len(), 1);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(PATIENCE / 10);
            file.unlock().unwrap();
        });
        assert_eq!(texts(&take(&place.layout, &main()).unwrap().unwrap().lines), ["one"]);
    });
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
