//! Two small files about the hooks, in ckpt's own folder: what was installed where, and how the last runs went.
//!
//! Both may be deleted at any time: the first is only needed to find blocks in places that git no longer looks at, and
//! where others share them. Neither grows with the history. Called by `ops/hooks` and `ops/hook_run`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::path_text::PathText;
use super::versioned::{self, VERSION};
use super::{Layout, StoreError};
use crate::sys::{atomic, private};

/// Longer messages are cut.
const LONGEST_MESSAGE: usize = 300;

/// What `ckpt hooks install` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Hook files that have a block.
    pub files: Vec<PathBuf>,
    /// The hook folder was made for them.
    pub made_folder: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct InstalledText {
    version: u64,
    #[serde(default)]
    revision: u64,
    #[serde(default)]
    files: Vec<PathText>,
    #[serde(default)]
    made_folder: PathText,
}

/// How one hook fared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookRuns {
    pub runs: u64,
    pub last: Timestamp,
    pub duration_micros: u64,
    #[serde(default)]
    pub failures: u64,
    #[serde(default)]
    pub last_failure: Option<HookFailure>,
}

/// What went wrong in a hook that told nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookFailure {
    pub time: Timestamp,
    pub message: String,
}

#[derive(Serialize, Deserialize)]
struct RunsText {
    version: u64,
    #[serde(default)]
    revision: u64,
    #[serde(default)]
    hooks: BTreeMap<String, HookRuns>,
}

fn folder(layout: &Layout) -> PathBuf {
    layout.own_dir.join("hooks")
}

fn installed_path(layout: &Layout) -> PathBuf {
    folder(layout).join("installed.toml")
}

fn runs_path(layout: &Layout) -> PathBuf {
    folder(layout).join("runs.json")
}

fn paused_path(layout: &Layout) -> PathBuf {
    folder(layout).join("paused")
}

fn probe_path(layout: &Layout) -> PathBuf {
    folder(layout).join("probe")
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::Io { action, path, source }
}

fn write(layout: &Layout, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    private::create_dir(&folder(layout)).map_err(failed("create", &folder(layout)))?;
    atomic::write(path, bytes).map_err(failed("write", path))
}

fn remove(path: &Path) -> Result<bool, StoreError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("remove", path)(error)),
    }
}

/// What was installed; `None` where nothing was, or the record is gone.
pub fn read_installed(layout: &Layout) -> Result<Option<Installed>, StoreError> {
    let path = installed_path(layout);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", &path)(error)),
    };
    let text: InstalledText = versioned::parse(&bytes, "hooks/installed.toml")?;
    let to_path = |text: &PathText| text.to_path().map(|path| std::ffi::OsString::from_vec(path.into()).into());
    Ok(Some(Installed {
        files: text.files.iter().filter_map(to_path).collect(),
        made_folder: to_path(&text.made_folder),
    }))
}

/// Whether hooks were installed in this repository.
pub fn is_installed(layout: &Layout) -> bool {
    installed_path(layout).exists()
}

/// Keeps what was installed.
pub fn write_installed(layout: &Layout, installed: &Installed) -> Result<(), StoreError> {
    let text = InstalledText {
        version: VERSION,
        revision: 0,
        files: installed.files.iter().map(|path| PathText::of(path.as_os_str().as_bytes())).collect(),
        made_folder: installed
            .made_folder
            .as_ref()
            .map_or_else(PathText::default, |path| PathText::of(path.as_os_str().as_bytes())),
    };
    let bytes = toml::to_string(&text).expect("strings and lists are always TOML");
    write(layout, &installed_path(layout), bytes.as_bytes())
}

/// Removes everything that is kept about the hooks but the pause.
pub fn forget(layout: &Layout) -> Result<(), StoreError> {
    for path in [installed_path(layout), runs_path(layout), probe_path(layout)] {
        remove(&path)?;
    }
    let _ = std::fs::remove_dir(folder(layout));
    Ok(())
}

/// How the hooks fared, by name. An unreadable file counts as none: it is a help, not a record.
pub fn read_runs(layout: &Layout) -> BTreeMap<String, HookRuns> {
    let bytes = std::fs::read(runs_path(layout)).unwrap_or_default();
    let text: Option<RunsText> = serde_json::from_slice(&bytes).ok();
    text.filter(|text| text.version == VERSION).map(|text| text.hooks).unwrap_or_default()
}

/// Adds a run of a hook. Two at once may count as one: nothing waits for a lock here.
pub fn add_run(
    layout: &Layout,
    hook: &str,
    time: Timestamp,
    duration_micros: u64,
    failure: Option<String>,
) -> Result<(), StoreError> {
    let mut hooks = read_runs(layout);
    let before = hooks.remove(hook);
    let failures = before.as_ref().map_or(0, |runs| runs.failures) + u64::from(failure.is_some());
    let runs = before.as_ref().map_or(0, |runs| runs.runs) + 1;
    let failure = failure.map(|message| HookFailure { time, message: message.chars().take(LONGEST_MESSAGE).collect() });
    let last_failure = failure.or_else(|| before.and_then(|runs| runs.last_failure));
    hooks.insert(hook.to_owned(), HookRuns { runs, last: time, duration_micros, failures, last_failure });
    let bytes = serde_json::to_vec(&RunsText { version: VERSION, revision: 0, hooks })
        .expect("text, numbers and maps with text keys are always JSON");
    let path = runs_path(layout);
    atomic::replace_unsynced(&path, |mut file| file.write_all(&bytes)).map_err(failed("write", &path))
}

/// Whether the hooks are paused in this repository.
pub fn is_paused(layout: &Layout) -> bool {
    paused_path(layout).exists()
}

/// Pauses the hooks, or lets them go on. True when that changed anything.
pub fn set_paused(layout: &Layout, paused: bool) -> Result<bool, StoreError> {
    let path = paused_path(layout);
    match (paused, path.exists()) {
        (true, false) => write(layout, &path, b"").map(|()| true),
        (false, true) => remove(&path),
        _ => Ok(false),
    }
}

/// Leaves the answer to a probe: its token and which hook it came through.
pub fn answer_probe(layout: &Layout, hook: &str, token: &str) -> Result<(), StoreError> {
    write(layout, &probe_path(layout), format!("{hook} {token}\n").as_bytes())
}

/// Takes the answer to a probe; whether it is the one that was asked for.
pub fn take_probe(layout: &Layout, hook: &str, token: &str) -> Result<bool, StoreError> {
    let path = probe_path(layout);
    let answer = std::fs::read_to_string(&path).unwrap_or_default();
    remove(&path)?;
    Ok(answer == format!("{hook} {token}\n"))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn what_was_installed_comes_back_whatever_the_paths_are() {
        let store = Fixture::new().store();
        let layout = store.layout();
        assert_eq!(read_installed(layout).unwrap(), None);
        let odd: PathBuf = std::ffi::OsString::from_vec(b"/a\xff b/post-commit".to_vec()).into();
        let installed = Installed { files: vec![odd, "/x".into()], made_folder: Some("/x/hooks".into()) };
        write_installed(layout, &installed).unwrap();
        assert_eq!(read_installed(layout).unwrap(), Some(installed));
        std::fs::write(installed_path(layout), "version = 9\n").unwrap();
        assert!(matches!(read_installed(layout), Err(StoreError::Newer { .. })));
        forget(layout).unwrap();
        assert!(!is_installed(layout));
    }

    #[test]
    fn runs_are_counted_in_bounded_space() {
        let store = Fixture::new().store();
        let layout = store.layout();
        let time: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        add_run(layout, "post-commit", time, 900, Some("x".repeat(10_000))).unwrap();
        let size = std::fs::metadata(runs_path(layout)).unwrap().len();
        for _ in 0..50 {
            add_run(layout, "post-commit", time, 1_000, None).unwrap();
        }
        let runs = read_runs(layout).remove("post-commit").unwrap();
        assert_eq!((runs.runs, runs.failures, runs.duration_micros), (51, 1, 1_000));
        assert_eq!(runs.last_failure.unwrap().message.len(), LONGEST_MESSAGE);
        assert!(std::fs::metadata(runs_path(layout)).unwrap().len() < size + 10);
        std::fs::write(runs_path(layout), "rubbish").unwrap();
        add_run(layout, "post-merge", time, 1, None).unwrap();
        assert_eq!(read_runs(layout).len(), 1);
    }

    #[test]
    fn a_probe_is_answered_once_and_by_its_own_token() {
        let store = Fixture::new().store();
        let layout = store.layout();
        answer_probe(layout, "post-commit", "one").unwrap();
        assert!(!take_probe(layout, "post-commit", "two").unwrap());
        answer_probe(layout, "post-commit", "one").unwrap();
        assert!(take_probe(layout, "post-commit", "one").unwrap());
        assert!(!take_probe(layout, "post-commit", "one").unwrap());
        assert!(set_paused(layout, true).unwrap() && is_paused(layout) && !set_paused(layout, true).unwrap());
        assert!(set_paused(layout, false).unwrap() && !is_paused(layout));
    }
}
