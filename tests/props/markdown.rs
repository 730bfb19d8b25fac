//! Texts that look like markdown: lines of all kinds in any order, with any line endings.

use proptest::prelude::*;

const LINES: [&str; 58] = [
    "# Title",
    "## Known Issues",
    "## Todo",
    "### Todo",
    "## Current Work",
    "## Next Session ##",
    "### Below",
    "Title",
    "Todo",
    "===",
    "---",
    "- a",
    "- [ ] b",
    "- [x] c",
    "* d",
    "* [X] e",
    "+ f",
    "1. g",
    "2. h",
    "3) [x] i",
    "10. j",
    "  - nested",
    "    - [ ] deep",
    "   1. three",
    "\t- tab",
    " - one in",
    "text",
    "  more",
    "   more still",
    "    code",
    "```",
    "~~~",
    "<!-- comment -->",
    "<!-- open",
    "-->",
    "<div>",
    "</div>",
    "| a | b |",
    "| - | - |",
    "> quote",
    "> - q",
    "",
    "",
    "",
    " ",
    "[link](/url)",
    "-",
    "1.",
    "- # heading",
    "- ```",
    "- - x",
    "\\# no",
    "***",
    "é — 中",
    "- [ ]",
    "-\ttab",
    "<!-- ckpt:facts: kept by ckpt, edits here are lost -->",
    "<!-- /ckpt:facts -->",
];

fn line() -> impl Strategy<Value = String> {
    let content = prop_oneof![30 => prop::sample::select(LINES.as_slice()).prop_map(str::to_owned), 1 => "[^\r\n\u{b}\u{c}]{0,8}"];
    let ending = prop_oneof![20 => Just("\n"), 4 => Just("\r\n"), 1 => Just("")];
    (content, ending).prop_map(|(content, ending)| content + ending)
}

/// A document, half of them with the section that most tests look at, some without a final line ending.
pub fn document() -> impl Strategy<Value = String> {
    let lines = prop::collection::vec(line(), 0..24);
    (lines, any::<bool>(), any::<bool>()).prop_map(|(lines, has_section, is_cut)| {
        let head = if has_section { "## Todo\n" } else { "" };
        let text = head.to_owned() + &lines.concat();
        if is_cut { text.trim_end_matches(['\n', '\r']).to_owned() } else { text }
    })
}

/// What somebody may want to note.
pub fn item_text() -> impl Strategy<Value = String> {
    let line = prop_oneof![4 => prop::sample::select(LINES.as_slice()).prop_map(str::to_owned), 1 => "[ -~]{0,12}"];
    prop::collection::vec(line, 1..4)
        .prop_map(|lines| lines.join("\n"))
        .prop_filter("empty", |text| !text.trim().is_empty())
}

/// A document and two that grew out of it by lines put in, taken out and replaced.
pub fn changed() -> impl Strategy<Value = (String, String, String)> {
    grown_from(line)
}

/// The same of blocks as people write them: nothing is left open, and nothing runs into what follows.
pub fn tidily_changed() -> impl Strategy<Value = (String, String, String)> {
    grown_from(|| {
        (prop::sample::select(BLOCKS.as_slice()), 0..48u8).prop_map(|(block, number)| {
            if number < 16 { block.replacen(['a', 'x'], &format!("w{number}"), 1) } else { block.to_owned() }
        })
    })
}

const BLOCKS: [&str; 20] = [
    "# Title\n\n",
    "## Todo\n\n",
    "## A\n",
    "### Below a\n\n",
    "Other a\n===\n\n",
    "- a\n",
    "- [ ] a\n",
    "- [x] x\n",
    "* x\n",
    "1. x\n",
    "2. x\n",
    "3. a\n   more\n",
    "- a\n  - nested\n",
    "text of a\n\n",
    "some more\ntext of x\n\n",
    "```\n# no a\n```\n\n",
    "<!-- a -->\n\n",
    "> a\n\n",
    "| a |\n| - |\n\n",
    "<div>\nx\n</div>\n\n",
];

fn grown_from<S: Strategy<Value = String>>(line: impl Fn() -> S) -> impl Strategy<Value = (String, String, String)> {
    let edits = || prop::collection::vec((0..3u8, any::<prop::sample::Index>(), line()), 0..6);
    (prop::collection::vec(line(), 1..24), edits(), edits())
        .prop_map(|(lines, ours, theirs)| (lines.concat(), grown(&lines, ours), grown(&lines, theirs)))
}

fn grown(lines: &[String], edits: Vec<(u8, prop::sample::Index, String)>) -> String {
    let mut lines = lines.to_vec();
    for (kind, place, line) in edits {
        let at = place.index(lines.len() + 1);
        match kind {
            0 => lines.insert(at, line),
            _ if at == lines.len() => lines.push(line),
            1 => drop(lines.remove(at)),
            _ => lines[at] = line,
        }
    }
    lines.concat()
}
