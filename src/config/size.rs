//! Sizes as people write them: `100MiB`, `1.5 GB`, `500k`.

/// Text that is no size.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a size; write it like `100MiB`, `1.5GB`, `500k` or `none`")]
pub struct NotASize(pub String);

/// Reads a size in bytes. `k`, `kB`, `MB` … count in thousands, `KiB`, `MiB` … in 1024; `none` is no limit.
pub fn parse_size(text: &str) -> Result<u64, NotASize> {
    let refused = || NotASize(text.to_owned());
    let trimmed = text.trim();
    if trimmed.eq_ignore_ascii_case("none") {
        return Ok(u64::MAX);
    }
    let split =
        trimmed.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(trimmed.len());
    let (digits, unit) = trimmed.split_at(split);
    let factor = parse_unit(unit.trim_start()).ok_or_else(refused)?;
    scale(digits, factor).ok_or_else(refused)
}

/// Whole numbers are scaled exactly; only a fraction goes through floating point.
fn scale(digits: &str, factor: u64) -> Option<u64> {
    if let Ok(whole) = digits.parse::<u64>() {
        return whole.checked_mul(factor);
    }
    if !digits.starts_with(|character: char| character.is_ascii_digit()) || !digits.contains('.') {
        return None;
    }
    let bytes = digits.parse::<f64>().ok()? * factor as f64;
    (bytes.is_finite() && bytes < u64::MAX as f64).then_some(bytes as u64)
}

fn parse_unit(unit: &str) -> Option<u64> {
    let lower = unit.to_ascii_lowercase();
    let factor = match lower.as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    };
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let known = [
            ("0", 0),
            ("17", 17),
            ("17 b", 17),
            ("500k", 500_000),
            ("10MB", 10_000_000),
            ("100MiB", 100 << 20),
            ("1.5 GB", 1_500_000_000),
            (" 1gib ", 1 << 30),
            ("none", u64::MAX),
        ];
        for (text, bytes) in known {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "MB", "-1", "1 XB", "1.5.2k", ".", ".5k", "1e9", "99999999999999999999", "18446744073709551615k"]
        {
            assert_eq!(parse_size(text), Err(NotASize(text.into())), "{text}");
        }
    }
}
