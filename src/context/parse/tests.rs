use std::time::{Duration, Instant};

use crate::context::archive;
use crate::context::document::Document;
use crate::context::edit::{add_item, set_checked};
use crate::context::item::NewItem;
use crate::context::standard::{Standard, new_document};

/// A document like a real one, but of a certain size.
fn long_document(size: usize) -> String {
    let mut text = new_document("Long", &Standard::default());
    for number in 0.. {
        let words = "Some *words* about `this` and [that](/there).\nMore of them.\n";
        let list = format!("- [ ] item {number}\n  - nested\n- [x] done\n\n1. one\n2. two\n");
        text.push_str(&format!("\n## Part {number}\n\n{words}\n{list}\n```rust\n# {number}\n```\n"));
        if text.len() >= size {
            break;
        }
    }
    text
}

fn time(run: impl Fn()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// Whether it comes true within some tries, for others use the machine too.
fn ever(is_true: impl Fn() -> bool) -> bool {
    (0..50).any(|_| is_true())
}

fn read_and_edit(text: &str) {
    add_item(text, "Todo", &NewItem::open("x"), &Standard::default()).unwrap();
    archive::prune(text);
}

#[test]
fn eight_times_the_text_takes_about_eight_times_as_long() {
    let units = [
        "- [x] a\n- b\n",
        "# a\n- b\n",
        "- a\n  - b\n\n",
        "```\n<!-- ckpt:facts -->\n",
        "<!-- ckpt:facts -->\n<!-- /ckpt:facts -->\n",
        "text\n\n",
        "1. a\n",
        "> - a\n",
        "<div>\n",
        "| a |\n| - |\n",
        "\r\n",
    ];
    let mut texts: Vec<(String, String)> = vec![(long_document(40_000), long_document(320_000))];
    texts.extend(units.iter().map(|unit| (unit.repeat(2_000), unit.repeat(16_000))));
    for (short, long) in texts {
        // Quadratic would be 64 times.
        let is_linear = || time(|| read_and_edit(&long)) < 24 * time(|| read_and_edit(&short));
        assert!(ever(is_linear), "{:?}", &short[..short.len().min(20)]);
    }
}

#[test]
#[ignore = "a figure of an optimised build on a quiet machine"]
fn an_edit_of_a_long_document_takes_no_time() {
    let text = long_document(100_000);
    let standard = Standard::default();
    let item = NewItem::open("x");
    let limit = Duration::from_millis(5);
    assert!(ever(|| time(|| drop(add_item(&text, "Part 7", &item, &standard).unwrap())) < limit));
    assert!(ever(|| time(|| drop(set_checked(&text, "Part 7", 1, true, &standard).unwrap())) < limit));
    let huge = long_document(5_000_000);
    assert!(ever(|| time(|| drop(Document::parse(&huge))) < 100 * limit));
}
