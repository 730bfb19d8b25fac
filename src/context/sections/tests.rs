use super::*;
use crate::context::facts;

fn set(text: &str, name: &str, body: &str) -> String {
    set_section(text, name, body, &Standard::default()).unwrap().text
}

#[test]
fn a_section_gets_a_new_text_and_the_others_stay() {
    let text = "# T\n\n## Architecture\n\nold\n\n### Below\n\nold\n\n\n## Storage\nx";
    assert_eq!(
        set(text, "architecture", "\n\nnew\n\n- a\n\n"),
        "# T\n\n## Architecture\n\nnew\n\n- a\n\n\n## Storage\nx"
    );
    assert_eq!(set(text, "Architecture", ""), "# T\n\n## Architecture\n\n\n## Storage\nx");
    assert_eq!(set(text, "storage", "y\nz\n"), text.replace("Storage\nx", "Storage\n\ny\nz"));
    assert_eq!(set(text, "T", "title"), text.replace("# T\n\n##", "# T\n\ntitle\n\n##"));
    assert_eq!(
        set("## Architecture\r\nold\r\n## B\r\n", "Architecture", "a\nb"),
        "## Architecture\r\n\r\na\r\nb\r\n\r\n## B\r\n"
    );
    assert_eq!(set("## Architecture", "Architecture", "a"), "## Architecture\n\na");
}

#[test]
fn its_own_heading_is_not_doubled() {
    assert_eq!(set("## Architecture\n", "Architecture", "## architecture\n\nnew\n"), "## Architecture\n\nnew\n");
    assert_eq!(set("## Architecture\n", "Architecture", "    indented\n"), "## Architecture\n\n    indented\n");
}

#[test]
fn the_facts_stay_where_they_are_kept() {
    let block = format!("{}\nfact\n{}\n", facts::START, facts::END);
    let text = format!("## Current Work\n\nold\n\n{block}\n## B\n");
    let wanted = format!("## Current Work\n\nnew\n\n{block}\n## B\n");
    assert_eq!(set(&text, "Current Work", "new"), wanted);
    assert_eq!(set(&text, "Current Work", &format!("new\n\n{block}")), wanted);
    assert_eq!(set(&text, "B", &block), text);
}

#[test]
fn text_that_would_swallow_the_rest_is_refused() {
    for body in ["```\nopen", "<!-- open", "~~~~\n~~~\n"] {
        let refused = set_section("## Todo\n\n## B\n", "Todo", body, &Standard::default());
        assert_eq!(refused.unwrap_err(), ContextError::OpenEnd, "{body}");
    }
    assert!(set_section("## Todo\n", "Todo", "```\nclosed\n```", &Standard::default()).is_ok());
}

#[test]
fn sections_of_any_name_can_be_added_at_the_end() {
    let add = |text: &str, name: &str| add_section(text, name, &Standard::default());
    assert_eq!(add("# T\n\n## A\n", "My notes").unwrap(), "# T\n\n## A\n\n## My notes\n");
    assert_eq!(add("", "todo").unwrap(), "## Todo\n");
    assert_eq!(add("## todo", "TODO").unwrap(), "## todo");
    for name in ["", " ", "a\nb", "***"] {
        assert!(add("x\n", name).is_err(), "{name}");
    }
}
