//! Odd names, bytes, ignore patterns and attributes to build work trees of.

use crate::sandbox::random::Random;

/// Names for files and folders alike.
const NAMES: [&[u8]; 40] = [
    b"a",
    b"a.b",
    b"a-b",
    b"a0",
    b"b.txt",
    b"B.TXT",
    b"c.o",
    b"dir",
    b"Dir",
    b"sub dir",
    b"-dash",
    b"--",
    b":(glob)*",
    b":!x",
    b"*.rs",
    b"[ab]",
    "é".as_bytes(),
    "e\u{301}".as_bytes(),
    b"\xff\xfe.txt",
    b"new\nline",
    b"tab\t.txt",
    b"quote\"",
    b"back\\slash",
    b"build",
    b"keep.log",
    b"x.log",
    b"README",
    b"readme",
    b".hidden",
    b"$(touch x)",
    b"#hash",
    b"!bang",
    b" lead",
    b"trail ",
    b"HEAD",
    b"n.l1",
    b"cr\r",
    b"t.txt",
    b"u.txt",
    b"f.flt",
];

const PATTERNS: [&str; 30] = [
    "*.log",
    "!keep.log",
    "build/",
    "/a",
    "dir/*",
    "!dir/b.txt",
    "**/c.o",
    "dir/**",
    "*",
    "!*/",
    "!.gitignore",
    "[ab]*",
    "\\#hash",
    "\\!bang",
    "trail\\ ",
    "trail ",
    "# comment",
    "sub*/",
    "a/**/b.txt",
    "?",
    "/*",
    "*.o\r",
    "Dir/",
    "!a",
    "!/dir/",
    "a/",
    "*.t[a-x]t",
    "new*",
    "",
    "e?",
];

const ATTRIBUTES: [&str; 24] = [
    "* text=auto",
    "* text",
    "* -text",
    "*.txt text",
    "*.txt -text",
    "*.txt text eol=crlf",
    "*.txt text=auto eol=crlf",
    "*.txt eol=lf",
    "* ident",
    "*.txt ident",
    "a* -ident",
    "*.u16 working-tree-encoding=UTF-16",
    "*.l1 working-tree-encoding=ISO-8859-1",
    "*.l1 text working-tree-encoding=ISO-8859-1 eol=crlf",
    "*.txt !text",
    "*.o binary",
    "[attr]mine text eol=crlf",
    "*.txt mine",
    "dir/* text",
    "dir/** -text",
    "/a text eol=crlf",
    "\"sub dir/b.txt\" text",
    "*.flt filter=rot",
    "# comment",
];

/// A name for a new file or folder.
pub fn name(random: &mut Random) -> Vec<u8> {
    if random.chance(2) {
        return vec![b'l'; 200 + random.below(50)];
    }
    NAMES[random.below(NAMES.len())].to_vec()
}

/// Bytes for a file. Names in `.u16` always get what their encoding allows, or git could not add them at all.
pub fn bytes(random: &mut Random, path: &[u8]) -> Vec<u8> {
    if path.ends_with(b".u16") {
        let text = format!("\u{feff}line {}\r\nzwei\n", random.below(9));
        return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    }
    match random.below(16) {
        0 => Vec::new(),
        1 => b"x".to_vec(),
        2 => b"one\r\ntwo\r\n".to_vec(),
        3 => b"one\r\ntwo\nthree\r\n".to_vec(),
        4 => b"one\rtwo\r\n\r\r\n".to_vec(),
        5 => b"bin\0ary\r\n".to_vec(),
        6 => b"$Id$ text\r\n".to_vec(),
        7 => b"$Id: 0123456789012345678901234567890123456789 $\n$Id: odd words $\n".to_vec(),
        8 => "grün\n".as_bytes().to_vec(),
        9 => b"gr\xfcn\r\n".to_vec(),
        10 => random.bytes(70_000),
        11 => format!("{}\n", "wide ".repeat(3000)).into_bytes(),
        12 => b"\n".repeat(1 + random.below(5)),
        13 => b"\x1a".to_vec(),
        _ => format!("line {}\nline {}\n", random.below(100), random.below(100)).into_bytes(),
    }
}

/// The text of a `.gitignore`, sometimes with a byte order mark or without its last newline.
pub fn ignore_file(random: &mut Random) -> Vec<u8> {
    lines(random, &PATTERNS)
}

/// The text of a `.gitattributes`.
pub fn attributes_file(random: &mut Random) -> Vec<u8> {
    lines(random, &ATTRIBUTES)
}

fn lines(random: &mut Random, choices: &[&str]) -> Vec<u8> {
    let count = random.below(4);
    let mut text: Vec<_> =
        (0..count).map(|_| choices[random.below(choices.len())]).collect::<Vec<_>>().join("\n").into();
    if random.chance(85) {
        text.push(b'\n');
    }
    if random.chance(4) {
        text.splice(0..0, *b"\xef\xbb\xbf");
    }
    text
}
