use super::*;

fn block(inside: &str) -> String {
    format!("{START}\n{inside}{END}\n")
}

#[test]
fn facts_are_filled_in_and_taken_out() {
    let text = format!("# T\n\n{}\n- a\n", block(""));
    let filled = fill(&text, "branch `main`\n\n- x").unwrap();
    assert_eq!(filled, format!("# T\n\n{}\n- a\n", block("branch `main`\n\n- x\n")));
    assert_eq!(strip(&filled), text);
    assert_eq!(fill(&filled, ""), Some(text.clone()));
    assert!(has_block(&text) && has_block(&filled));
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(fill(&crlf, "a\nb\n").unwrap(), format!("# T\n\n{}\n- a\n", block("a\nb\n")).replace('\n', "\r\n"));
}

#[test]
fn facts_cannot_reach_out_of_their_block() {
    let text = format!("{}# A\n\n- a\n", block(""));
    for inside in ["```", "<!-- open", "<div>", END, START, "- x\n  - y", "Title\n==="] {
        let filled = fill(&text, inside).unwrap();
        assert_eq!(strip(&filled), text, "{inside}");
        let document = Document::parse(&filled);
        assert_eq!((document.sections.len(), document.items.len()), (1, 1), "{inside}");
    }
}

#[test]
fn a_block_that_is_not_whole_is_left_alone() {
    let whole = block("x\n");
    let texts = [
        "no block\n".to_owned(),
        format!("{START}\nx\n"),
        format!("x\n{END}\n"),
        format!("{END}\n{START}\n"),
        format!("{whole}\n{whole}"),
        format!("{START}\n{whole}"),
        format!("```\n{whole}```\n"),
        format!("    {START}\n    {END}\n"),
        format!("> {START}\n> {END}\n"),
        format!("<!--\n{whole}"),
    ];
    for text in texts {
        assert_eq!(fill(&text, "new"), None, "{text}");
        assert_eq!(strip(&text), text);
        assert!(!has_block(&text));
    }
}

#[test]
fn a_block_shown_in_a_fence_does_not_hide_the_real_one() {
    let text = format!("```\n{}```\n\n{}", block("shown\n"), block("x\n"));
    assert_eq!(strip(&text), format!("```\n{}```\n\n{}", block("shown\n"), block("")));
    let open = format!("```\n{START}\n```\n\n{}", block("x\n"));
    assert_eq!(strip(&open), format!("```\n{START}\n```\n\n{}", block("")));
}

#[test]
fn a_block_is_put_in_and_taken_out() {
    let standard = Standard::default();
    let text = "# T\n\n## Current Work\n\nx\n\n## B\n";
    let with = insert(text, &standard);
    assert_eq!(with, format!("# T\n\n## Current Work\n\nx\n\n{}\n## B\n", block("")));
    assert_eq!(insert(&with, &standard), with);
    assert_eq!(remove(&with), text);
    for text in ["", "x", "x\n\n", "# A\n# B\n", "\u{feff}x\n"] {
        assert_eq!(remove(&insert(text, &standard)), text, "{text:?} with {:?}", insert(text, &standard));
    }
}

#[test]
fn foreign_text_is_one_code_span() {
    assert_eq!(quoted("fix x"), "`fix x`");
    assert_eq!(quoted("a `b` ``c`` \n<!-- -->"), "```a `b` ``c``  <!-- -->```");
    assert_eq!(quoted("`a"), "`` `a ``");
    assert_eq!(quoted("\n"), "`  `");
}

proptest::proptest! {
    #[test]
    fn the_block_that_is_found_is_that_of_the_whole_document(
        pieces in proptest::collection::vec(0..15_usize, 0..12),
    ) {
        let parts = [
            START, END, "```", "~~~ text", "---", "+++", "# A", "- item", "  more", "", "<div>", "</div>", "text", "<!-- c",
            "    indented",
        ];
        let lines: Vec<&str> = pieces.into_iter().map(|piece| parts[piece]).collect();
        let text = lines.join("\n");
        proptest::prop_assert_eq!(find(&text), Document::parse(&text).facts, "{}", text);
    }
}
