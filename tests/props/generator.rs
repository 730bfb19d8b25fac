//! Does random things to a work tree, its index and its repository.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use crate::content;
use crate::index_steps;
use crate::odd_steps;
use crate::sandbox::Sandbox;
use crate::sandbox::random::Random;

/// What a generator may do beside files and index.
#[derive(Clone, Copy)]
pub struct Allowed {
    /// Commit, change branches, detach, go to an unborn branch.
    pub head: bool,
    /// Make and remove nested repositories.
    pub nested: bool,
    /// Change the configuration and the rules outside the work tree.
    pub settings: bool,
    /// Pipes, sparse checkouts, broken repositories: what is saved by rule, and no load undoes.
    pub odd: bool,
}

/// Everything that was done since the start, for a failure's report.
pub struct Generator<'a> {
    pub sandbox: &'a Sandbox,
    pub random: Random,
    pub done: Vec<String>,
    /// Index flags have been used, so the oracle has to look for them.
    pub has_flags: bool,
    /// `core.ignoreCase` is on: there are no names that differ in case only.
    pub ignore_case: bool,
}

impl<'a> Generator<'a> {
    pub fn new(sandbox: &'a Sandbox, seed: u64) -> Generator<'a> {
        Generator { sandbox, random: Random::new(seed), done: Vec::new(), has_flags: false, ignore_case: false }
    }

    /// Configures a fresh repository and puts some files into it.
    pub fn begin(&mut self) {
        self.configure();
        for _ in 0..3 + self.random.below(12) {
            self.write_new();
        }
        if self.random.chance(60) {
            self.write_rules(".gitignore");
        }
        if self.random.chance(50) {
            self.write_rules(".gitattributes");
        }
        if self.random.chance(80) {
            index_steps::add_all(self);
        }
        if self.random.chance(75) {
            index_steps::commit(self);
        }
    }

    fn configure(&mut self) {
        // Not below `~`: the library in this process and git in the sandbox have different homes.
        let [ignore, attributes] = ["ignore", "attributes"].map(|name| self.sandbox.home().join(name));
        fs::write(&ignore, "*.log\n").unwrap();
        fs::write(&attributes, "*.txt text\n").unwrap();
        let [ignore, attributes] = [&ignore, &attributes].map(|path| path.to_str().unwrap());
        let settings: [(usize, &str, &[&str]); 15] = [
            (40, "core.autocrlf", &["true", "input", "false"]),
            (15, "core.eol", &["crlf", "lf"]),
            (10, "core.fileMode", &["false"]),
            (8, "core.symlinks", &["false"]),
            (20, "index.version", &["2", "3", "4"]),
            (5, "index.recordEndOfIndexEntries", &["true"]),
            (5, "index.recordOffsetTable", &["true"]),
            (8, "index.sparse", &["true"]),
            (8, "core.untrackedCache", &["true"]),
            (6, "core.splitIndex", &["true"]),
            (5, "index.skipHash", &["true"]),
            (4, "feature.manyFiles", &["true"]),
            (10, "core.excludesFile", &[ignore]),
            (10, "core.attributesFile", &[attributes]),
            (20, "filter.rot.clean", &["tr a-y b-z"]),
        ];
        for (percent, key, values) in settings {
            // Git itself loses the names of entries when an index without a checksum is split.
            let is_split = self.done.iter().any(|line| line.contains("splitIndex"));
            let is_fit = !(is_split && matches!(key, "index.skipHash" | "feature.manyFiles"));
            if self.random.chance(percent) && is_fit {
                self.set(key, values);
            }
        }
        if self.random.chance(8) {
            self.ignore_case = true;
            self.set("core.ignoreCase", &["true"]);
        }
    }

    /// Gives a setting one of the values.
    pub fn set(&mut self, key: &str, values: &[&str]) {
        let value = self.random.pick(values);
        self.note(format!("git config {key} {value:?}"));
        self.sandbox.git(&["config", key, value]);
    }

    /// One to four random things.
    pub fn step(&mut self, allowed: Allowed) {
        for _ in 0..1 + self.random.below(4) {
            self.act(allowed);
        }
    }

    fn act(&mut self, allowed: Allowed) {
        match self.random.below(112) {
            0..=21 => self.write_new(),
            22..=39 => self.rewrite(),
            40..=47 => self.delete(),
            48..=54 => self.change_type(),
            55..=60 => self.change_mode(),
            61..=65 => self.make_folder(),
            66..=70 => self.make_link(),
            71..=75 => self.write_rules(".gitignore"),
            76..=79 => self.write_rules(".gitattributes"),
            80..=83 => self.rename(),
            84 => self.write_info_exclude(),
            85..=87 if allowed.nested => index_steps::nested(self),
            88..=91 if allowed.head => index_steps::move_head(self),
            100..=104 if allowed.settings => odd_steps::reconfigure(self),
            105 | 106 => self.touch(),
            107..=109 if allowed.odd => odd_steps::act(self),
            _ => index_steps::act(self),
        }
    }

    pub fn note(&mut self, what: String) {
        self.done.push(what);
    }

    /// All paths but what is in or below a `.git`, and rules files unless asked for.
    pub fn paths(&self, want: impl Fn(&fs::FileType) -> bool) -> Vec<Vec<u8>> {
        let root = self.sandbox.work();
        let walk = walkdir::WalkDir::new(&root).min_depth(1).sort_by_file_name().into_iter();
        let entries = walk.filter_entry(|entry| entry.file_name() != ".git" && !is_nested(entry.path()));
        let found = entries.map(|entry| entry.unwrap()).filter(|entry| want(&entry.file_type()));
        found.map(|entry| entry.path().strip_prefix(&root).unwrap().as_os_str().as_bytes().to_vec()).collect()
    }

    pub fn pick_file(&mut self) -> Option<Vec<u8>> {
        let paths = self.paths(fs::FileType::is_file);
        self.random.pick_from(&paths)
    }

    pub fn pick_folder(&mut self) -> Vec<u8> {
        let mut folders = self.paths(fs::FileType::is_dir);
        folders.push(Vec::new());
        self.random.pick_from(&folders).unwrap()
    }

    fn new_name(&mut self) -> Vec<u8> {
        content::name(&mut self.random, self.ignore_case)
    }

    /// A path that may exist or not, in a folder that does.
    pub fn new_path(&mut self) -> Vec<u8> {
        let mut path = self.pick_folder();
        if path.iter().filter(|&&byte| byte == b'/').count() > 4 {
            path.clear();
        }
        for depth in 0..1 + usize::from(self.random.chance(25)) {
            if depth > 0 || !path.is_empty() {
                path.push(b'/');
            }
            path.extend(if self.random.chance(5) { b"w.u16".to_vec() } else { self.new_name() });
        }
        path
    }

    /// Whether a file can be made at a path: no folder there, no file or link above it.
    pub fn is_free(&self, path: &[u8]) -> bool {
        let place = self.sandbox.path(path);
        let above = place.parent().unwrap();
        let blocked = above.ancestors().take_while(|folder| folder.starts_with(self.sandbox.work())).any(is_no_folder);
        !blocked && !fs::symlink_metadata(&place).is_ok_and(|data| data.is_dir() || data.is_symlink())
    }

    fn write_new(&mut self) {
        let path = self.new_path();
        if self.is_free(&path) {
            let bytes = content::bytes(&mut self.random, &path);
            self.put(&path, &bytes);
        }
    }

    fn put(&mut self, path: &[u8], bytes: &[u8]) {
        self.note(format!("write {:?} {} bytes", bstr::BStr::new(path), bytes.len()));
        self.sandbox.write(path, bytes);
    }

    /// New bytes in an old file; often of the same length, within the same tick of the clock.
    fn rewrite(&mut self) {
        let Some(path) = self.pick_file() else { return };
        let mut bytes = self.sandbox.read(&path);
        if path.ends_with(b".u16") || is_rules(&path) || bytes.is_empty() || self.random.chance(30) {
            if !is_rules(&path) {
                let fresh = content::bytes(&mut self.random, &path);
                self.put(&path, &fresh);
            }
            return;
        }
        let place = self.random.below(bytes.len());
        if bytes[place] != b'\n' && bytes[place] != b'\r' {
            bytes[place] = if bytes[place] == b'q' { b'r' } else { b'q' };
        }
        self.note(format!("edit {:?} in place", bstr::BStr::new(&path)));
        self.sandbox.write(&path, &bytes);
    }

    fn pick_any(&mut self) -> Option<Vec<u8>> {
        let paths = self.paths(|_| true);
        self.random.pick_from(&paths)
    }

    fn delete(&mut self) {
        let Some(path) = self.pick_any() else { return };
        if self.holds_nested(&path) {
            return;
        }
        self.note(format!("delete {:?}", bstr::BStr::new(&path)));
        self.sandbox.remove(&path);
    }

    /// A nested repository is another's property: what it holds is in no checkpoint, so nothing here removes it.
    fn holds_nested(&self, path: &[u8]) -> bool {
        let walk = walkdir::WalkDir::new(self.sandbox.path(path)).into_iter();
        walk.filter_map(Result::ok).any(|entry| entry.file_name() == ".git")
    }

    /// A file becomes a folder or a link, a folder or a link becomes a file.
    fn change_type(&mut self) {
        let Some(path) = self.pick_any() else { return };
        if self.holds_nested(&path) || is_rules(&path) {
            return;
        }
        let was_folder = fs::symlink_metadata(self.sandbox.path(&path)).unwrap().is_dir();
        self.sandbox.remove(&path);
        self.note(format!("change the type of {:?}", bstr::BStr::new(&path)));
        match self.random.below(3) {
            0 if !was_folder => {
                let mut inner = path.clone();
                inner.extend(b"/inner.txt");
                self.put(&inner, b"inside\n");
            }
            1 => self.sandbox.link(&path, "a"),
            _ => {
                let bytes = content::bytes(&mut self.random, &path);
                self.put(&path, &bytes);
            }
        }
    }

    fn change_mode(&mut self) {
        let Some(path) = self.pick_file() else { return };
        let mode = self.random.pick(&[&0o755, &0o644, &0o600, &0o444, &0o700, &0o640, &0o775]);
        self.note(format!("chmod {mode:o} {:?}", bstr::BStr::new(&path)));
        self.sandbox.chmod(&path, *mode);
    }

    /// Gives a file another time, and leaves its bytes alone.
    fn touch(&mut self) {
        let Some(path) = self.pick_file() else { return };
        let now = std::time::SystemTime::now();
        let times = [std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000), now, now + Duration::from_secs(9000)];
        let time = times[self.random.below(3)];
        self.note(format!("touch {:?} to {time:?}", bstr::BStr::new(&path)));
        // Unreadable or not, its owner may set the time.
        let file = fs::File::open(self.sandbox.path(&path)).unwrap();
        file.set_modified(time).unwrap();
    }

    fn make_folder(&mut self) {
        let path = self.new_path();
        if self.is_free(&path) && !self.sandbox.exists(&path) {
            self.note(format!("mkdir {:?}", bstr::BStr::new(&path)));
            self.sandbox.mkdir(&path);
            if self.random.chance(20) {
                self.sandbox.chmod(&path, 0o700);
            }
        }
    }

    fn make_link(&mut self) {
        let path = self.new_path();
        if self.is_free(&path) && !self.sandbox.exists(&path) {
            let target = self.random.pick(&["a", "dir", "nowhere", "/etc/passwd", "../..", "b.txt", ".", "/"]);
            self.note(format!("link {:?} to {target}", bstr::BStr::new(&path)));
            fs::create_dir_all(self.sandbox.path(&path).parent().unwrap()).unwrap();
            self.sandbox.link(&path, target);
        }
    }

    fn write_rules(&mut self, name: &str) {
        let mut path = if self.random.chance(60) { Vec::new() } else { self.pick_folder() };
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend(name.as_bytes());
        let ignores = name == ".gitignore";
        let random = &mut self.random;
        let text = if ignores { content::ignore_file(random) } else { content::attributes_file(random) };
        if self.is_free(&path) {
            self.note(format!("write {:?}: {:?}", bstr::BStr::new(&path), bstr::BStr::new(&text)));
            self.sandbox.write(&path, &text);
        }
    }

    fn write_info_exclude(&mut self) {
        let text = content::ignore_file(&mut self.random);
        self.note(format!("write info/exclude: {:?}", bstr::BStr::new(&text)));
        fs::write(self.sandbox.git_dir().join("info/exclude"), text).unwrap();
    }

    fn rename(&mut self) {
        let Some(old) = self.pick_any() else { return };
        let new = self.new_path();
        if self.holds_nested(&old) || odd_steps::is_pipe(&old) {
            return;
        }
        let inside = new.starts_with(&old);
        let encoded = old.ends_with(b".u16") != new.ends_with(b".u16");
        if inside || encoded || self.sandbox.exists(&new) || !self.is_free(&new) || is_rules(&old) {
            return;
        }
        self.note(format!("rename {:?} to {:?}", bstr::BStr::new(&old), bstr::BStr::new(&new)));
        fs::create_dir_all(self.sandbox.path(&new).parent().unwrap()).unwrap();
        fs::rename(self.sandbox.path(&old), self.sandbox.path(&new)).unwrap();
    }
}

fn is_no_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| !data.is_dir())
}

fn is_rules(path: &[u8]) -> bool {
    path.ends_with(b".gitignore") || path.ends_with(b".gitattributes")
}

fn is_nested(path: &Path) -> bool {
    path.join(".git").exists()
}
