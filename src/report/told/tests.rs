use jiff::Timestamp;

use super::*;
use crate::model::event::{Event, EventKind};

fn look() -> Look {
    Look::plain(Timestamp::UNIX_EPOCH)
}

fn told(items: &[(usize, &str)], is_new: bool) -> Told {
    let event = Event::new(Timestamp::UNIX_EPOCH, EventKind::Issue, "x", 1);
    Told {
        event: is_new.then_some(event),
        section: "Known\x1bIssues".into(),
        items: items.iter().map(|(number, text)| (*number, (*text).to_owned())).collect(),
        others: 2,
        partition: Some("backend".into()),
        synced: Synced::default(),
    }
}

#[test]
fn a_word_is_told_in_one_line_and_obeys_nobody() {
    let item = [(3, "the \x1b[31mtoken\nmore of it")];
    let cases = [
        (Word::Issue("x".into()), true, "Added 3 to Known\\x1bIssues of backend: the \\x1b[31mtoken\n"),
        (Word::IssueDone("3".into()), true, "Done: 3 of Known\\x1bIssues of backend: the \\x1b[31mtoken\n"),
        (Word::IssueDone("3".into()), false, "3 of Known\\x1bIssues of backend was done already: the \\x1b[31mtoken\n"),
        (
            Word::TodoMove { item: "1".into(), to: 3 },
            true,
            "Moved to 3 of Known\\x1bIssues of backend: the \\x1b[31mtoken\n",
        ),
    ];
    for (word, is_new, line) in cases {
        assert_eq!(render(&told(&item, is_new), &word, &look()), line);
    }
    let set = Word::Set { section: "x".into(), text: "y".into() };
    assert_eq!(render(&told(&[], true), &set, &look()), "Set Known\\x1bIssues of backend\n");
    assert_eq!(render(&told(&[], false), &set, &look()), "Nothing changed in Known\\x1bIssues of backend\n");
    assert!(others(&told(&[], true)).starts_with("2 more sections of the context called"));
}

#[test]
fn items_stand_in_columns_and_keep_their_lines() {
    let item = |number, text: &str, checked, nested| Numbered { number, text: text.to_owned(), checked, nested };
    let mut items = vec![item(1, "plain", None, (0, 0)), item(2, "two\nlines", Some(false), (1, 3))];
    items.extend((3..=10).map(|number| item(number, "done", Some(true), (0, 0))));
    let listed = ListedItems { section: "Todo".into(), items, partition: None, synced: Synced::default() };
    let text = render_items(&listed, &look());
    assert!(text.starts_with(" 1 plain\n 2 [ ] two\n       lines (1 of 3)\n 3 [x] done\n"), "{text}");
    assert!(text.ends_with("10 [x] done\n"), "{text}");
}
