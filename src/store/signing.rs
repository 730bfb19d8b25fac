//! Signatures by the key that the user's own git signs with: `gpg.format`, `user.signingKey` and the programs that git names.
//!
//! Only the files of the user and the machine are asked: a repository's own configuration could name any program, or
//! somebody else's key. Called by `signed_anchors` alone, and never by what saves: a key may ask for its passphrase.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use bstr::ByteSlice;

use super::StoreError;
use super::git_config::{Conditions, GitConfig, expand_home};
use crate::sys::environment::Environment;
use crate::sys::process;

/// What an ssh signature is for: one that was made for a commit is none of ours.
const NAMESPACE: &str = "ckpt-anchors";

/// For whom the user's own key signs, in the list that is made for a look at it.
const OWNER: &str = "ckpt";

const SSH_MARK: &[u8] = b"-----BEGIN SSH SIGNATURE-----";

/// What a look at a signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Good, by this key.
    Good(String),
    /// Not by a key of the user's, or of something else.
    Bad(String),
    /// It could not be looked at.
    Unknown(String),
}

/// How the user's git signs.
pub struct Signer<'a> {
    environment: &'a Environment,
    config: GitConfig,
}

impl<'a> Signer<'a> {
    pub fn new(environment: &'a Environment) -> Signer<'a> {
        let mut config = GitConfig::default();
        let conditions = Conditions { home: environment.home(), ..Conditions::default() };
        for file in GitConfig::user_files(environment) {
            // A file that cannot be read says nothing.
            let _ = config.read_file(&file, &conditions);
        }
        Signer { environment, config }
    }

    /// Whether the user's git signs whatever it commits, and so would want this signed.
    pub fn is_wanted(&self) -> bool {
        self.config.boolean("commit.gpgsign") == Some(true)
    }

    /// Whether there is a key to sign with.
    pub fn has_key(&self) -> bool {
        self.key().is_some() || self.is_wanted()
    }

    fn key(&self) -> Option<String> {
        let key = self.config.value("user.signingkey").filter(|key| !key.is_empty())?;
        Some(key.to_str_lossy().into_owned())
    }

    fn is_ssh(&self) -> bool {
        self.config.value("gpg.format").is_some_and(|format| format.eq_ignore_ascii_case(b"ssh"))
    }

    fn program(&self, is_ssh: bool) -> PathBuf {
        let is_x509 = self.config.value("gpg.format").is_some_and(|format| format.eq_ignore_ascii_case(b"x509"));
        let (keys, usual): (&[&str], &str) = match (is_ssh, is_x509) {
            (true, _) => (&["gpg.ssh.program"], "ssh-keygen"),
            (false, true) => (&["gpg.x509.program"], "gpgsm"),
            (false, false) => (&["gpg.openpgp.program", "gpg.program"], "gpg"),
        };
        let home = self.environment.home();
        keys.iter().find_map(|key| self.config.path(key, home.as_deref())).unwrap_or_else(|| PathBuf::from(usual))
    }

    /// The signature of these bytes, in its armour.
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let failed = |detail: String| StoreError::Signing { detail };
        let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
        let mut arguments: Vec<OsString> = Vec::new();
        match (self.is_ssh(), self.key()) {
            (true, None) => return Err(failed("`user.signingKey` names no key".to_owned())),
            (true, Some(key)) => {
                arguments.extend(["-Y", "sign", "-n", NAMESPACE].map(OsString::from));
                if let Some(literal) = literal_key(&key) {
                    // The agent has the other half.
                    let file = folder.path().join("key.pub");
                    std::fs::write(&file, format!("{literal}\n")).map_err(|error| failed(error.to_string()))?;
                    arguments.extend(["-U".into(), "-f".into(), file.into()]);
                } else {
                    arguments.extend(["-f".into(), self.key_file(&key).into()]);
                }
            }
            (false, key) => {
                arguments.extend(["--status-fd=2", "-bsa"].map(OsString::from));
                arguments.extend(key.into_iter().flat_map(|key| ["-u".into(), key.into()]));
            }
        }
        let output = self.run(self.is_ssh(), &arguments, bytes).map_err(failed)?;
        if !output.status.success() || !output.stdout.starts_with(b"-----BEGIN ") {
            return Err(failed(output.stderr.trim().to_str_lossy().into_owned()));
        }
        Ok(output.stdout)
    }

    /// Whose signature of these bytes this is.
    pub fn look(&self, bytes: &[u8], signature: &[u8]) -> Signature {
        let looked = match signature.starts_with(SSH_MARK) {
            true => self.look_ssh(bytes, signature),
            false => self.look_gpg(bytes, signature),
        };
        looked.unwrap_or_else(Signature::Unknown)
    }

    fn look_ssh(&self, bytes: &[u8], signature: &[u8]) -> Result<Signature, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let file = folder.path().join("signature");
        std::fs::write(&file, signature).map_err(|error| error.to_string())?;
        let mut told = "`user.signingKey` names no key to compare with".to_owned();
        let mut is_known = false;
        for (allowed, principal) in self.allowed_signers(folder.path(), &file)? {
            is_known = true;
            let list = ["-Y", "verify", "-n", NAMESPACE, "-I", &principal, "-f"].map(OsString::from);
            let rest = [allowed.into(), OsString::from("-s"), file.clone().into()];
            let output = self.run(true, &list.into_iter().chain(rest).collect::<Vec<_>>(), bytes)?;
            let text = output.stdout.trim().to_str_lossy().into_owned();
            if output.status.success() {
                let key = text.rsplit(" key ").next().unwrap_or(&text).to_owned();
                return Ok(Signature::Good(key));
            }
            told = format!("{text} {}", output.stderr.trim().to_str_lossy()).trim().to_owned();
        }
        Ok(if is_known { Signature::Bad(told) } else { Signature::Unknown(told) })
    }

    /// Files that say which keys may sign, each with whose name to ask for: the user's own key, then the list that git has.
    fn allowed_signers(&self, folder: &Path, signature: &Path) -> Result<Vec<(PathBuf, String)>, String> {
        let mut found = Vec::new();
        if let Some(public) = self.key().filter(|_| self.is_ssh()).and_then(|key| self.public_key(&key)) {
            let own = folder.join("allowed");
            std::fs::write(&own, format!("{OWNER} {public}\n")).map_err(|error| error.to_string())?;
            found.push((own, OWNER.to_owned()));
        }
        let home = self.environment.home();
        if let Some(list) = self.config.path("gpg.ssh.allowedsignersfile", home.as_deref()) {
            let asked = ["-Y".into(), "find-principals".into(), "-f".into(), list.clone().into()];
            let asked: Vec<OsString> = asked.into_iter().chain(["-s".into(), signature.into()]).collect();
            let output = self.run(true, &asked, b"")?;
            let principal = output.stdout.lines().next().map(|line| line.to_str_lossy().into_owned());
            found.extend(principal.filter(|_| output.status.success()).map(|principal| (list, principal)));
        }
        Ok(found)
    }

    fn look_gpg(&self, bytes: &[u8], signature: &[u8]) -> Result<Signature, String> {
        let file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        std::fs::write(file.path(), signature).map_err(|error| error.to_string())?;
        let arguments = ["--status-fd=1".into(), "--verify".into(), file.path().into(), "-".into()];
        let output = self.run(false, &arguments, bytes)?;
        let status = output.stdout.to_str_lossy();
        let line = |word: &str| {
            let start = format!("[GNUPG:] {word} ");
            status.lines().find_map(|line| line.strip_prefix(&start).map(str::to_owned))
        };
        let trusted = ["TRUST_ULTIMATE", "TRUST_FULLY"].iter().any(|word| status.contains(&format!("[GNUPG:] {word}")));
        let fingerprint = line("VALIDSIG").unwrap_or_default();
        let mut prints = fingerprint.split(' ').filter(|word| word.len() >= 40);
        let own = self.key().map(|key| key.trim_start_matches("0x").trim_end_matches('!').to_uppercase());
        let is_own = own.is_some_and(|own| own.len() >= 16 && prints.any(|print| print.ends_with(&own)));
        Ok(match line("GOODSIG").filter(|_| output.status.success()) {
            Some(who) if trusted || is_own => Signature::Good(who),
            Some(who) => Signature::Bad(format!("the key {who} is not trusted")),
            None if line("ERRSIG").is_some() => Signature::Unknown(output.stderr.trim().to_str_lossy().into_owned()),
            None => Signature::Bad(output.stderr.trim().to_str_lossy().into_owned()),
        })
    }

    fn key_file(&self, key: &str) -> PathBuf {
        expand_home(key.into(), self.environment.home().as_deref()).unwrap_or_else(|| PathBuf::from(key))
    }

    fn public_key(&self, key: &str) -> Option<String> {
        if let Some(literal) = literal_key(key) {
            return Some(literal.to_owned());
        }
        let file = self.key_file(key);
        let public = if file.extension().is_some_and(|end| end == "pub") { file } else { with_pub(file) };
        let text = std::fs::read_to_string(public).ok()?;
        text.lines().next().map(str::to_owned)
    }

    /// Runs the program in the user's home: what a repository holds is not looked at, nor where it is.
    fn run(&self, is_ssh: bool, arguments: &[OsString], input: &[u8]) -> Result<Output, String> {
        let program = self.program(is_ssh);
        let failed = |error: std::io::Error| format!("{} cannot be run: {error}", program.display());
        let home = self.environment.home().filter(|home| home.is_dir()).unwrap_or_else(|| PathBuf::from("/"));
        let mut command = process::outside_git(self.environment, &program, &home);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            // Whoever does not read it all says why on the other side.
            let _ = stdin.write_all(input);
        }
        child.wait_with_output().map_err(failed)
    }
}

/// A key that stands in the setting itself.
fn literal_key(key: &str) -> Option<&str> {
    let is_literal = |key: &str| ["ssh-", "ecdsa-", "sk-"].iter().any(|start| key.starts_with(start));
    key.strip_prefix("key::").or_else(|| is_literal(key).then_some(key))
}

fn with_pub(file: PathBuf) -> PathBuf {
    let mut name = file.into_os_string();
    name.push(".pub");
    PathBuf::from(name)
}
