//! Which names git takes for a branch, and which are free.

use super::error::SessionError;
use crate::model::head::BRANCHES;
use crate::ops::{OpError, Repo};

/// The ref of a branch.
pub(crate) fn full_name(branch: &str) -> String {
    format!("{BRANCHES}{branch}")
}

/// The ref of a branch that may be made: its name is one, and nothing stands in its way.
pub(crate) fn free_branch(repo: &Repo, branch: &str) -> Result<String, OpError> {
    if let Some(problem) = problem_of(branch) {
        return Err(SessionError::BadBranch { branch: branch.to_owned(), problem }.into());
    }
    let full = full_name(branch);
    let taken = |other: Option<&str>| {
        SessionError::BranchTaken { branch: branch.to_owned(), other: other.map(str::to_owned) }.into()
    };
    if repo.store.find_ref(&full)?.is_some() || repo.store.head()?.branch.as_deref() == Some(full.as_str()) {
        return Err(taken(None));
    }
    for (at, _) in branch.match_indices('/') {
        if repo.store.find_ref(&format!("{BRANCHES}{}", &branch[..at]))?.is_some() {
            return Err(taken(Some(&branch[..at])));
        }
    }
    if let Some((below, _)) = repo.store.list_refs(&format!("{full}/"))?.first() {
        return Err(taken(Some(&below[BRANCHES.len()..])));
    }
    Ok(full)
}

/// What git has against a name of a branch: its rules for refs, and its own for branches.
fn problem_of(branch: &str) -> Option<&'static str> {
    let is_bad = |one: char| one.is_ascii_control() || " ~^:?*[\\".contains(one);
    let any_part = |broken: fn(&str) -> bool| branch.split('/').any(broken);
    let rules = [
        (branch.is_empty(), "it is empty"),
        (branch.len() > 200, "it is longer than 200 bytes"),
        (branch.contains(is_bad), "it holds a character that git refuses"),
        (branch == "HEAD" || branch == "@", "git keeps it for itself"),
        (branch.starts_with('-'), "it begins with a dash"),
        (any_part(str::is_empty), "it holds an empty part"),
        (any_part(|part| part.starts_with('.')), "a part of it begins with a dot"),
        (any_part(|part| part.ends_with(".lock")), "a part of it ends with `.lock`"),
        (branch.ends_with('.'), "it ends with a dot"),
        (branch.contains(".."), "it holds two dots in a row"),
        (branch.contains("@{"), "it holds `@{`"),
    ];
    rules.into_iter().find_map(|(broken, problem)| broken.then_some(problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::fixture::Fixture;

    const ODD: [&str; 29] = [
        "", "a", "a/b", "-a", "a-", "a b", "a..b", "a.", ".a", "a/.b", "a.lock", "a.lock/b", "a/", "/a", "a//b",
        "a@{b", "a@b", "HEAD", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "a\u{7f}", "grün", "a\tb", "{a}",
    ];

    #[test]
    fn what_git_takes_is_taken_and_nothing_else() {
        let fixture = Fixture::new();
        for branch in ODD {
            let mut git = std::process::Command::new("git");
            git.current_dir(&fixture.root).args(["check-ref-format", "--branch", branch]);
            let takes = git.output().unwrap().status.success();
            assert_eq!(problem_of(branch).is_none(), takes, "{branch:?}");
        }
        // Git takes this one for HEAD where it is typed.
        assert!(problem_of("@").is_some());
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let fixture = Fixture::new();
        fixture.git(&["branch", "feature/login"]);
        fixture.git(&["pack-refs", "--all"]);
        let other = |branch: &str| match free_branch(&fixture.repo, branch).unwrap_err() {
            OpError::Session(SessionError::BranchTaken { other, .. }) => other,
            error => panic!("{error}"),
        };
        assert_eq!(other("main"), None);
        assert_eq!(other("feature").as_deref(), Some("feature/login"));
        assert_eq!(other("feature/login/form").as_deref(), Some("feature/login"));
        assert_eq!(free_branch(&fixture.repo, "feature/logo").unwrap(), "refs/heads/feature/logo");
    }
}
