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

/// The best of some runs, for others use the machine too.
fn time(run: impl Fn()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..5).map(once).min().expect("it ran")
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
        let (short_time, long_time) = (time(|| read_and_edit(&short)), time(|| read_and_edit(&long)));
        // Quadratic would be 64 times.
        let shown = &short[..short.len().min(20)];
        assert!(
            long_time < 30 * short_time + Duration::from_millis(20),
            "{shown:?}: {short_time:?}, then {long_time:?}"
        );
    }
}

#[test]
#[ignore = "a figure of an optimised build on a quiet machine"]
fn an_edit_of_a_long_document_takes_no_time() {
    let text = long_document(100_000);
    let standard = Standard::default();
    let edit = time(|| drop(add_item(&text, "Part 7", &NewItem::open("x"), &standard).unwrap()));
    let check = time(|| drop(set_checked(&text, "Part 7", 1, true, &standard).unwrap()));
    assert!(edit.max(check) < Duration::from_millis(5), "{edit:?}, {check:?}");
    let huge = long_document(5_000_000);
    let read = time(|| drop(Document::parse(&huge)));
    assert!(read < Duration::from_millis(500), "{read:?}");
}
