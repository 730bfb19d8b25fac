//! The spellings that some system takes for `.git`: no scan takes such a name in, no load writes one, on any system.
//!
//! Called by the path check and by the scan, so that a checkpoint of our own never holds what a load refuses.

/// Whether the name is `.git` on some system: in any case, as NTFS takes it (`git~1`, trailing dots and spaces, a stream
/// after a colon, a part beside a backslash), or as HFS+ does, which passes over a number of invisible characters.
pub(in crate::worktree) fn is_git_folder(name: &[u8]) -> bool {
    let is_part = |part: &[u8]| is_ntfs_name_of(part, b".git") || is_ntfs_name_of(part, b"git~1");
    name.split(|&byte| byte == b'\\').any(is_part) || folded_for_hfs(name).is_some_and(|folded| folded == ".git")
}

/// Whether the name is `.gitmodules` on some system: as a link it would lead git to settings elsewhere.
pub(in crate::worktree) fn is_gitmodules(name: &[u8]) -> bool {
    const ON_NTFS: [&[u8]; 5] = [b".gitmodules", b"gitmod~1", b"gitmod~2", b"gitmod~3", b"gitmod~4"];
    ON_NTFS.iter().any(|wanted| is_ntfs_name_of(name, wanted))
        || folded_for_hfs(name).is_some_and(|folded| folded == ".gitmodules")
}

fn is_ntfs_name_of(name: &[u8], wanted: &[u8]) -> bool {
    let Some((start, rest)) = name.split_at_checked(wanted.len()) else { return false };
    if !start.eq_ignore_ascii_case(wanted) {
        return false;
    }
    let tail = rest.iter().position(|byte| !b". ".contains(byte)).map_or(&b""[..], |at| &rest[at..]);
    tail.is_empty() || tail.starts_with(b":")
}

/// The name as HFS+ compares it; `None` when it is not UTF-8 and so no name there, or has nothing to fold but case.
fn folded_for_hfs(name: &[u8]) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let text = std::str::from_utf8(name).ok()?;
    Some(text.chars().filter(|&character| !is_ignored_by_hfs(character)).flat_map(char::to_lowercase).collect())
}

fn is_ignored_by_hfs(character: char) -> bool {
    matches!(character,
        '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}
