//! What the fuzz targets call of the readers that nobody outside the scan sees.

use bstr::{BStr, ByteSlice};

use super::attributes::AttributeRules;
use super::rules::Rules;

/// Reads the bytes as a `.gitignore` and as a `.gitattributes`, at the top and in a folder, and asks for a path.
pub fn try_rules(text: &[u8], path: &BStr) {
    let (top, folder) = (b"".as_bstr(), b"d".as_bstr());
    let below = [b"d/".as_slice(), path].concat();
    for ignore_case in [false, true] {
        let ignored = Rules::from_global(&[text.to_vec()], ignore_case).with(folder, text);
        let attributes = AttributeRules::new(&[text.to_vec()], text, ignore_case).with(top, text).with(folder, text);
        for path in [path, below.as_bstr()] {
            let _ = attributes.of(path);
        }
        for is_dir in [false, true] {
            let _ = ignored.is_ignored(below.as_bstr(), is_dir);
        }
    }
}
