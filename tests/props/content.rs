//! Odd names, bytes, ignore patterns and attributes to build work trees of.

use crate::sandbox::random::Random;

/// Names for files and folders alike.
const NAMES: [&[u8]; 45] = [
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
    b"dir.x",
    b"foox",
    b"\t",
    b"$x",
    b"z.flt",
];

/// Names that differ from another only in case: a filesystem that ignores case has no such twins.
const TWINS: [&[u8]; 3] = [b"B.TXT", b"Dir", b"readme"];

const PATTERNS: [&[u8]; 60] = [
    b"*.log",
    b"!keep.log",
    b"build/",
    b"/a",
    b"dir/*",
    b"!dir/b.txt",
    b"**/c.o",
    b"dir/**",
    b"*",
    b"!*/",
    b"!.gitignore",
    b"[ab]*",
    b"\\#hash",
    b"\\!bang",
    b"trail\\ ",
    b"trail ",
    b"# comment",
    b"sub*/",
    b"a/**/b.txt",
    b"?",
    b"/*",
    b"*.o\r",
    b"Dir/",
    b"!a",
    b"!/dir/",
    b"a/",
    b"*.t[a-x]t",
    b"new*",
    b"",
    b"e?",
    b"foo**/bar",
    b"d**/b.txt",
    b"dir**",
    b"**/",
    b"**",
    b"!dir/**/",
    b"[[:upper:]]*",
    b"[!a-z]*",
    b"[^a-m]*.txt",
    b"\\*.rs",
    b"x*g",
    b"a?b",
    b"/sub dir/",
    b"**/deep",
    b"*/dir",
    b"dir/*/",
    b"!*.txt",
    b"build/**/keep.log",
    b"\\$x",
    b"a\\",
    b"\t",
    b"\t ",
    b"[a",
    b"\xff\xfe.txt",
    b"\xff*",
    b"!/*/",
    b"/dir/b.txt",
    b"DIR",
    b"*.LOG",
    b"x.log\0y",
];

const ATTRIBUTES: [&[u8]; 51] = [
    b"* text=auto",
    b"* text",
    b"* -text",
    b"*.txt text",
    b"*.txt -text",
    b"*.txt text eol=crlf",
    b"*.txt text=auto eol=crlf",
    b"*.txt eol=lf",
    b"* ident",
    b"*.txt ident",
    b"a* -ident",
    b"*.u16 working-tree-encoding=UTF-16",
    b"*.l1 working-tree-encoding=ISO-8859-1",
    b"*.l1 text working-tree-encoding=ISO-8859-1 eol=crlf",
    b"*.txt !text",
    b"*.o binary",
    b"[attr]mine text eol=crlf",
    b"*.txt mine",
    b"dir/* text",
    b"dir/** -text",
    b"/a text eol=crlf",
    b"\"sub dir/b.txt\" text",
    b"*.flt filter=rot",
    b"# comment",
    b"[attr]both ident text=auto",
    b"*.txt both",
    b"*.txt -mine",
    b"*.txt !mine eol=crlf",
    b"d**/b.txt text",
    b"a* text bad/word",
    b"* text =x",
    b"*.log text=odd",
    b"* crlf",
    b"*.txt crlf=input",
    b"*.txt -crlf",
    b"*.txt text eol=crlf -text",
    b"*.txt -text text",
    b"\"sub\\040dir/*\" text",
    b"dir/ text",
    b"* text !eol",
    b"* filter=none",
    b"*.flt filter=rot text eol=crlf ident",
    b"*.flt -filter",
    b"*.l1 working-tree-encoding=UTF-8",
    b"!a text",
    b"  [ab]* text\t eol=lf\r",
    b"[attr]binary text",
    b"* binary",
    b"B.TXT text",
    b"\"a text",
    b"* builtin_x text",
];

/// A name for a new file or folder.
pub fn name(random: &mut Random, ignore_case: bool) -> Vec<u8> {
    if random.chance(2) {
        return vec![b'l'; 200 + random.below(50)];
    }
    let name = NAMES[random.below(NAMES.len())];
    if ignore_case && TWINS.contains(&name) { b"single".to_vec() } else { name.to_vec() }
}

/// Bytes for a file. Names in `.u16` always get what their encoding allows, or git could not add them at all.
pub fn bytes(random: &mut Random, path: &[u8]) -> Vec<u8> {
    if path.ends_with(b".u16") {
        let text = format!("\u{feff}line {}\r\nzwei\n", random.below(9));
        return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    }
    match random.below(19) {
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
        14 => b"$Id: one $ $Id: two\r\n$ $Id$Id: x$\r\n".to_vec(),
        15 => b"mostly text\r\n\x01\x02\x03\r\n".to_vec(),
        16 => b"text and the end of DOS\r\n\x1a".to_vec(),
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

fn lines(random: &mut Random, choices: &[&[u8]]) -> Vec<u8> {
    let count = random.below(4);
    let end: &[u8] = if random.chance(10) { b"\r\n" } else { b"\n" };
    let mut text = (0..count).map(|_| choices[random.below(choices.len())]).collect::<Vec<_>>().join(end);
    if random.chance(85) {
        text.push(b'\n');
    }
    if random.chance(4) {
        text.splice(0..0, *b"\xef\xbb\xbf");
    }
    text
}
