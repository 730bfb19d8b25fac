use super::*;

fn root(text: &[u8]) -> AttributeRules {
    AttributeRules::new(&[], b"", false).with(b"".as_bstr(), text)
}

fn text_of(rules: &AttributeRules, path: &str) -> Value {
    rules.of(path.as_bytes().as_bstr()).text
}

#[test]
fn nearer_files_and_later_lines_win_and_macros_expand() {
    let root = AttributeRules::new(&[b"*.txt text eol=crlf\n".to_vec()], b"*.info ident\n", false);
    assert!(!root.is_empty());
    let rules = root.with(b"sub".as_bstr(), b"*.txt -text\nraw.txt binary\n*.c ident filter=lfs\n");
    let of = |path: &str| rules.of(path.as_bytes().as_bstr());
    assert_eq!(of("a.txt").eol, Value::Text("crlf".into()));
    assert_eq!(of("a.txt").text, Value::Set);
    assert_eq!(of("sub/a.txt").text, Value::Unset);
    assert_eq!(of("sub/x/a.c").filter, Value::Text("lfs".into()));
    assert_eq!(of("a.c"), Attributes::default());
    assert_eq!(of("sub/x.info").ident, Value::Set);
    assert!(AttributeRules::new(&[], b"", false).is_empty());
}

#[test]
fn the_binary_macro_unsets_text() {
    assert_eq!(text_of(&root(b"*.bin binary\n"), "x/a.bin"), Value::Unset);
}

#[test]
fn one_bad_word_makes_its_line_void() {
    for line in ["*.txt text bad/name", "*.txt text =x", "*.txt text --x", "*.txt builtin_x text", "!*.txt text"] {
        assert_eq!(text_of(&root(line.as_bytes()), "a.txt"), Value::Unspecified, "{line}");
    }
    let long = format!("*.txt text {}\n", "x".repeat(MAX_LINE));
    assert_eq!(text_of(&root(long.as_bytes()), "a.txt"), Value::Unspecified);
}

#[test]
fn names_in_quotes_are_unquoted_as_git_does() {
    for line in [r#""a b.txt" text"#, r#"  "a\040b.txt"text"#, r#""a?b.txt" text"#] {
        assert_eq!(text_of(&root(line.as_bytes()), "a b.txt"), Value::Set, "{line}");
    }
    // Not closed: the mark is part of the name.
    assert_eq!(text_of(&root(b"\"a text"), "\"a"), Value::Set);
}

#[test]
fn the_last_definition_of_a_macro_counts_wherever_it_is_used() {
    let text = b"*.txt mine\n[attr]mine text\n[attr]mine -text\n";
    assert_eq!(text_of(&root(text), "a.txt"), Value::Unset);
    let below = root(b"").with(b"sub".as_bstr(), b"[attr]mine -text\n*.txt mine\n");
    assert_eq!(text_of(&below, "sub/a.txt"), Value::Unspecified);
    let info = AttributeRules::new(&[], b"[attr]mine text\n", false).with(b"".as_bstr(), text);
    assert_eq!(text_of(&info, "a.txt"), Value::Set);
}

#[test]
fn a_long_chain_of_macros_is_followed_to_its_end() {
    const LENGTH: usize = 100_000;
    let mut text: String = (0..LENGTH).map(|at| format!("[attr]m{at} m{}\n", at + 1)).collect();
    text.push_str(&format!("[attr]m{LENGTH} text m0\n*.txt m0\n"));
    assert_eq!(text_of(&root(text.as_bytes()), "a.txt"), Value::Set);
}
