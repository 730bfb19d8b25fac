//! Text that a command takes: as typed, or from stdin where a dash stands for it.

use std::io::Read;

use super::failure::{Failure, Kind};

/// Longer texts are refused: what is said is read again, by people and by agents.
const LONGEST: u64 = 1 << 20;

/// The text as typed; all of stdin for `-`.
pub(super) fn text(typed: &str) -> Result<String, Failure> {
    if typed == "-" { stdin() } else { Ok(typed.to_owned()) }
}

/// Several texts as typed; a `-` among them stands for the lines of stdin that are not empty.
pub(super) fn texts(typed: &[String]) -> Result<Vec<String>, Failure> {
    let mut all = Vec::new();
    for one in typed {
        if one == "-" {
            all.extend(stdin()?.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        } else {
            all.push(one.clone());
        }
    }
    Ok(all)
}

fn stdin() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| {
        Failure::new(Kind::Refused, "stdin-unreadable", format!("cannot read the text from stdin: {error}"))
    })?;
    if bytes.len() as u64 > LONGEST {
        let failure = Failure::new(Kind::Refused, "text-too-long", "the text on stdin is longer than 1 MiB");
        return Err(failure.hint("keep it in a file, and name the file instead"));
    }
    String::from_utf8(bytes).map_err(|_| Failure::new(Kind::Refused, "not-text", "the text on stdin is not UTF-8"))
}
