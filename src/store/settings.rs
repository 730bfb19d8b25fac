//! What the scan and the commits have to know of git's configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bstr::{BString, ByteSlice};

use super::git_config::{Conditions, GitConfig, as_boolean};
use super::{Store, StoreError};
use crate::model::settings::{AutoCrlf, Filter, LineEndings, ScanSettings};

impl Store {
    /// Reads what the scan has to know of git's configuration.
    pub fn scan_settings(&self) -> Result<ScanSettings, StoreError> {
        let config = self.config()?;
        let home = self.environment.home();
        let personal = |key: &str, name: &str| -> Option<PathBuf> {
            match config.value(key) {
                Some(_) => config.path(key, home.as_deref()).map(|path| self.layout.work_dir.join(path)),
                None => self.environment.config_home().map(|folder| folder.join("git").join(name)),
            }
        };
        Ok(ScanSettings {
            trust_file_mode: config.boolean("core.filemode").unwrap_or(true),
            symlinks: config.boolean("core.symlinks").unwrap_or(true),
            ignore_case: config.boolean("core.ignorecase").unwrap_or(false),
            line_endings: line_endings(config),
            excludes_file: personal("core.excludesfile", "ignore"),
            attributes_file: personal("core.attributesfile", "attributes"),
            filters: filters(config),
        })
    }

    /// The name and address that git would write into the user's commits, if both are configured.
    pub fn identity(&self) -> Option<(BString, BString)> {
        let config = self.config().ok()?;
        let value = |word: &str| {
            let own = config.value(&format!("author.{word}")).or_else(|| config.value(&format!("user.{word}")))?;
            let clean: BString = own.bytes().filter(|byte| !b"<>\n\0".contains(byte)).collect::<Vec<_>>().into();
            let clean = BString::from(clean.trim());
            (!clean.is_empty()).then_some(clean)
        };
        Some((value("name")?, value("email")?))
    }

    /// All values of a key of ours in git's configuration, such as `ckpt.contextfile`: its last part in lower case.
    pub fn git_settings(&self, key: &str) -> Result<Vec<String>, StoreError> {
        let values = self.config()?.all(key).flatten();
        Ok(values.filter(|value| !value.is_empty()).map(|value| value.to_str_lossy().into_owned()).collect())
    }

    /// All of git's configuration for this work tree, read at the first use.
    pub(super) fn config(&self) -> Result<&GitConfig, StoreError> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = self.read_config()?;
        Ok(self.config.get_or_init(|| config))
    }

    fn read_config(&self) -> Result<GitConfig, StoreError> {
        let conditions = Conditions {
            home: self.environment.home(),
            git_dir: Some(self.layout.git_dir.clone()),
            branch: self.head().ok().and_then(|head| head.branch_name().map(str::to_owned)),
        };
        let mut config = GitConfig::default();
        for file in GitConfig::user_files(&self.environment) {
            config.read_file(&file, &conditions)?;
        }
        config.read_file(&self.layout.common_dir.join("config"), &conditions)?;
        if self.repository_config.boolean("extensions.worktreeconfig") == Some(true) {
            config.read_file(&self.layout.git_dir.join("config.worktree"), &conditions)?;
        }
        Ok(config)
    }
}

fn line_endings(config: &GitConfig) -> LineEndings {
    let autocrlf = match config.all("core.autocrlf").last() {
        Some(Some(word)) if word.eq_ignore_ascii_case(b"input") => AutoCrlf::Input,
        Some(value) if as_boolean(value) == Some(true) => AutoCrlf::True,
        _ => AutoCrlf::False,
    };
    let eol_crlf = config.value("core.eol").is_some_and(|word| word.eq_ignore_ascii_case(b"crlf"));
    LineEndings { autocrlf, eol_crlf }
}

fn filters(config: &GitConfig) -> BTreeMap<String, Filter> {
    let mut commands: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for (rest, value) in config.below("filter.") {
        let Some((driver, word)) = rest.rsplit_once_str(".") else { continue };
        let found = commands.entry(driver.to_str_lossy().into_owned()).or_default();
        match word {
            b"clean" | b"process" if value.is_some_and(|command| !command.is_empty()) => found.0 = true,
            b"required" => found.1 = as_boolean(value).unwrap_or(false),
            _ => {}
        }
    }
    let usable = commands.into_iter().filter(|(_, (has_command, _))| *has_command);
    usable.map(|(driver, (_, required))| (driver, Filter { required })).collect()
}
