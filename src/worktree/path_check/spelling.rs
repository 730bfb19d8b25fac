//! The spellings that some system takes for `.git`. Called by the path check alone.

/// Whether git itself refuses the name: `.git` in any case, and what NTFS takes for it (`git~1`, trailing dots and
/// spaces, a stream after a colon, a part before a backslash).
pub(super) fn is_git_folder(name: &[u8]) -> bool {
    name.split(|&byte| byte == b'\\').any(|part| is_ntfs_name_of(part, b".git") || is_ntfs_name_of(part, b"git~1"))
}

/// Whether the name is `.gitmodules` on some system.
pub(super) fn is_gitmodules(name: &[u8]) -> bool {
    is_ntfs_name_of(name, b".gitmodules") || folded_for_hfs(name).is_some_and(|folded| folded == ".gitmodules")
}

/// Whether HFS+ takes the name for `.git`: it ignores case and a number of invisible characters.
pub(super) fn is_git_folder_on_hfs(name: &[u8]) -> bool {
    folded_for_hfs(name).is_some_and(|folded| folded == ".git")
}

fn is_ntfs_name_of(name: &[u8], wanted: &[u8]) -> bool {
    let Some((start, rest)) = name.split_at_checked(wanted.len()) else { return false };
    if !start.eq_ignore_ascii_case(wanted) {
        return false;
    }
    let tail = rest.iter().position(|byte| !b". ".contains(byte)).map_or(&b""[..], |at| &rest[at..]);
    tail.is_empty() || tail.starts_with(b":")
}

/// The name as HFS+ compares it; `None` when it is not UTF-8 and so no name there.
fn folded_for_hfs(name: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(name).ok()?;
    Some(text.chars().filter(|&character| !is_ignored_by_hfs(character)).flat_map(char::to_lowercase).collect())
}

fn is_ignored_by_hfs(character: char) -> bool {
    matches!(character,
        '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}
