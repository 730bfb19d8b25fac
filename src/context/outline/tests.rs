use super::*;
use crate::context::standard::{Standard, new_document};

const TEXT: &str = "# T\n\n## Architecture\n\n<!-- help -->\n\nOne paragraph\nof two lines.\n\n## Recent Decisions\n\n- 2026-11-20: old\n- 2026-11-21: new\n\n## Known Issues\n\n- [x] done\n- [ ] open\n  - more\n\n## Dependencies\n\n<!-- none -->\n";

#[test]
fn a_document_that_fits_is_whole_but_for_comments() {
    let whole = outline(TEXT, 10_000);
    let wanted = "## Architecture\n\nOne paragraph\nof two lines.\n\n## Recent Decisions\n\n- 2026-11-20: old\n- 2026-11-21: new\n\n## Known Issues\n\n- [x] done\n- [ ] open\n  - more";
    assert_eq!(whole, Outline { text: wanted.into(), left_out: Vec::new() });
    assert_eq!(outline(&new_document("T", &Standard::default()), 10_000), Outline::default());
}

#[test]
fn the_most_useful_comes_first_and_the_rest_is_counted() {
    let short = outline(TEXT, 135);
    assert_eq!(
        short.text,
        "## Recent Decisions\n\n- 2026-11-21: new\n\n… 1 more\n\n## Known Issues\n\n- [ ] open\n  - more\n\n… 1 more"
    );
    let wanted = [("Architecture".into(), 1), ("Recent Decisions".into(), 1), ("Known Issues".into(), 1)];
    assert_eq!(short.left_out, wanted);
}

#[test]
fn no_outline_is_longer_than_asked_for() {
    let whole = outline(TEXT, 1_000).text.len();
    for max in 0..400 {
        let outline = outline(TEXT, max);
        assert!(outline.text.len() <= max, "{max}: {}", outline.text);
        assert_eq!(max < whole, !outline.left_out.is_empty(), "{max}");
    }
}
