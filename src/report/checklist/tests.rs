use super::*;
use crate::template::checklist::parse;

fn shown(text: &str) -> ShownChecklist {
    let (session, title) = ("main".to_owned(), "Notify \u{1b}[31musers".to_owned());
    ShownChecklist { session, title, template: None, phases: parse(text), runnable: [2].into() }
}

fn look() -> Look {
    Look { width: 40, ..Look::plain("2026-11-21T09:00:00Z".parse().unwrap()) }
}

#[test]
fn the_list_fits_the_screen_and_says_where_the_work_is() {
    let text = "## One\n- [x] a\n## Two\n- [ ] an item that is longer than the screen is wide <!-- verify: make -->\n\
                  - [ ] nested <!-- verify: rm -->\n";
    let told = render_list(&shown(text), &look());
    let wanted = "Notify \\x1b[31musers: 1 of 3 done\n\nOne  1 of 1\n  1 [x] a\n\nTwo  0 of 2  ← here\n  \
                  2 [ ] an item that is longer than the\n        screen is wide\n        $ make\n  3 [ ] nested\n        $ rm  (not trusted)\n";
    assert_eq!(told, wanted);
}

#[test]
fn a_bar_is_full_only_when_all_is_done_and_empty_only_when_nothing_is() {
    let full = |done, all| bar(done, all, &look()).matches('█').count();
    assert_eq!((full(0, 100), full(1, 1000), full(999, 1000), full(7, 7), full(0, 0)), (0, 1, 19, 20, 0));
    let told = render_progress(&shown("## One\n- [x] a\n## Two\n- [ ] b\n"), &look());
    let last = told.lines().last().unwrap();
    assert!(last.starts_with("  all    ██████████░░░░░░░░░░  1 of 2, 50%"), "{told}");
    assert_eq!(next_item(&shown("- [x] a\n- [ ] b\n")).as_deref(), Some("next is 2: b"));
}
