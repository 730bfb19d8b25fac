//! A markdown document as the pieces that are found: items and paragraphs, each with the heading above it. Pure.

/// One piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) heading: String,
    pub(super) text: String,
}

/// The pieces of a document, in its order. Comments are none.
pub(super) fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut heading = String::new();
    let mut is_open = false;
    for line in document.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with("<!--") {
            is_open = false;
        } else if let Some(title) = title(trimmed) {
            heading = title.to_owned();
            is_open = false;
        } else if let (true, false, Some(block)) = (is_open, is_item(trimmed), blocks.last_mut()) {
            block.text.push('\n');
            block.text.push_str(trimmed);
        } else {
            blocks.push(Block { heading: heading.clone(), text: without_mark(trimmed).to_owned() });
            is_open = true;
        }
    }
    blocks
}

fn title(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    (rest.len() < line.len() && rest.starts_with(' ')).then(|| rest.trim())
}

fn is_item(line: &str) -> bool {
    without_mark(line).len() < line.len()
}

/// An item without its bullet and its box.
fn without_mark(line: &str) -> &str {
    let Some(rest) = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark)) else { return line };
    ["[ ] ", "[x] ", "[X] "].iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_paragraphs_know_their_heading() {
        let text =
            "# Context\n\nbefore\nmore\n\n## Todo\n\n- [ ] one\n  goes on\n- [x] two\n<!-- a comment -->\n#hashtag\n";
        let told: Vec<(String, String)> = blocks(text).into_iter().map(|block| (block.heading, block.text)).collect();
        let expected = [("Context", "before\nmore"), ("Todo", "one\ngoes on"), ("Todo", "two"), ("Todo", "#hashtag")];
        assert_eq!(told, expected.map(|(heading, text)| (heading.to_owned(), text.to_owned())));
    }
}
