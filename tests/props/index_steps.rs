//! Random things done to the index, to HEAD and to nested repositories, with git itself.

use bstr::{BStr, ByteSlice};

use crate::generator::Generator;
use crate::sandbox::{Kind, Outcome, Sandbox};

/// One random change of the index.
pub fn act(generator: &mut Generator<'_>) {
    match generator.random.below(14) {
        0..=2 => add_all(generator),
        3 => on_file(generator, &["add", "-f", "--"]),
        4 => on_file(generator, &["add", "-N", "--"]),
        5 | 6 => on_tracked(generator, &["rm", "-q", "-r", "--cached", "--"]),
        7 => flag(generator),
        8 => conflict(generator),
        10 => refresh(generator),
        11 => on_tracked(generator, &["checkout-index", "-f", "--"]),
        12 => on_file(generator, &["update-index", ["--chmod=+x", "--chmod=-x"][generator.done.len() % 2], "--"]),
        13 => gitlink(generator),
        _ => on_file(generator, &["add", "--"]),
    }
}

/// Stages everything. What git cannot add (a nested repository without a commit) it leaves out.
pub fn add_all(generator: &mut Generator<'_>) {
    run(generator, &["add", "-A", "--ignore-errors"]);
}

pub fn commit(generator: &mut Generator<'_>) {
    run(generator, &["commit", "-q", "--allow-empty", "-m", "step"]);
}

/// Commits, detaches, or goes to a new branch, with or without a commit.
pub fn move_head(generator: &mut Generator<'_>) {
    let branch = format!("branch{}", generator.random.below(1000));
    match generator.random.below(6) {
        0..=2 => commit(generator),
        3 => run(generator, &["checkout", "-q", "--detach"]),
        4 => run(generator, &["checkout", "-q", "-b", &branch]),
        _ => run(generator, &["symbolic-ref", "HEAD", &format!("refs/heads/unborn-{branch}")]),
    }
}

/// Makes a repository inside the work tree, sometimes without a commit, or commits once more in one that is there.
pub fn nested(generator: &mut Generator<'_>) {
    let folder = ["nested", "sub dir/inner", "dir/deep/repo"][generator.random.below(3)];
    if generator.sandbox.exists(folder) && !generator.sandbox.exists(format!("{folder}/.git")) {
        return;
    }
    if generator.sandbox.path(folder).ancestors().any(|above| above.is_file() || above.is_symlink()) {
        return;
    }
    generator.note(format!("nested repository {folder}"));
    generator.sandbox.mkdir(folder);
    generator.sandbox.git(&["-C", folder, "init", "-q"]);
    if generator.random.chance(75) {
        generator.sandbox.write(format!("{folder}/file"), generator.random.below(100).to_string());
        generator.sandbox.git(&["-C", folder, "add", "-A"]);
        generator.sandbox.git(&["-C", folder, "commit", "-q", "--allow-empty", "-m", "nested"]);
    }
}

/// Runs git; failing is no harm: an odd tree forbids some commands.
pub fn run(generator: &mut Generator<'_>, arguments: &[&str]) {
    let outcome = generator.sandbox.try_git(arguments);
    generator.note(format!("git {} -> {:?}", arguments.join(" "), outcome.code()));
}

/// What looks at the work tree and writes the index again, or reads it anew from a commit.
fn refresh(generator: &mut Generator<'_>) {
    let commands: [&[&str]; 5] = [
        &["status", "--short"],
        &["update-index", "-q", "--refresh"],
        &["update-index", "-q", "--really-refresh"],
        &["reset", "-q"],
        &["read-tree", "HEAD"],
    ];
    let chosen = commands[generator.random.below(5)];
    run(generator, chosen);
}

/// An index entry of a submodule that is not there, or is an empty folder.
fn gitlink(generator: &mut Generator<'_>) {
    let path = generator.new_path();
    if !generator.is_free(&path) || generator.sandbox.exists(&path) {
        return;
    }
    let Ok(text) = path.to_str() else { return };
    let inside = [&path[..], b"/"].concat();
    if tracked(generator.sandbox).iter().any(|other| other.starts_with(&inside)) {
        return;
    }
    let id = format!("{:0width$x}", generator.random.next(), width = Kind::of_run().digits());
    run(generator, &["update-index", "--add", "--replace", "--cacheinfo", "160000", &id, text]);
    if generator.random.chance(50) {
        generator.note(format!("mkdir {:?}", BStr::new(&path)));
        generator.sandbox.mkdir(&path);
    }
}

fn run_on(generator: &mut Generator<'_>, arguments: &[&str], path: &[u8]) {
    let mut command = generator.sandbox.command("git");
    command.env("GIT_LITERAL_PATHSPECS", "1").args(arguments).arg(path.to_os_str().unwrap());
    let outcome = Outcome::of(&mut command);
    generator.note(format!("git {} {:?} -> {:?}", arguments.join(" "), BStr::new(path), outcome.code()));
}

fn on_file(generator: &mut Generator<'_>, arguments: &[&str]) {
    if let Some(path) = generator.pick_file() {
        run_on(generator, arguments, &path);
    }
}

/// Paths that the index has.
pub fn tracked(sandbox: &Sandbox) -> Vec<Vec<u8>> {
    let outcome = sandbox.try_git(&["ls-files", "-z"]).succeeds();
    outcome.stdout_bytes().split_str("\0").filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
}

/// Whether a submodule of the index lies above a path.
fn is_in_gitlink(sandbox: &Sandbox, path: &[u8]) -> bool {
    let outcome = sandbox.try_git(&["ls-files", "-s", "-z"]).succeeds();
    let lines = outcome.stdout_bytes().split_str("\0").filter(|line| line.starts_with(b"160000"));
    let mut links = lines.filter_map(|line| line.split_once_str("\t"));
    links.any(|(_, link)| path.strip_prefix(link).is_some_and(|rest| rest.starts_with(b"/")))
}

fn on_tracked(generator: &mut Generator<'_>, arguments: &[&str]) {
    let paths = tracked(generator.sandbox);
    if let Some(path) = generator.random.pick_from(&paths) {
        run_on(generator, arguments, &path);
    }
}

/// Sets a flag on a file that is there; a skipped one may also be taken away.
fn flag(generator: &mut Generator<'_>) {
    let paths = tracked(generator.sandbox);
    let Some(path) = generator.random.pick_from(&paths) else { return };
    let is_file = generator.sandbox.path(&path).symlink_metadata().is_ok_and(|data| data.is_file());
    if !is_file {
        return;
    }
    generator.has_flags = true;
    let skip = generator.random.chance(50);
    let option = if skip { "--skip-worktree" } else { "--assume-unchanged" };
    run_on(generator, &["update-index", option, "--"], &path);
    if skip && generator.random.chance(50) {
        generator.note(format!("delete the skipped {:?}", BStr::new(&path)));
        generator.sandbox.remove(&path);
    }
}

/// Gives a file the three stages of a conflict, or only some of them.
fn conflict(generator: &mut Generator<'_>) {
    let Some(path) = generator.pick_file() else { return };
    // Git puts such entries beside the submodule's, which no merge does.
    if is_in_gitlink(generator.sandbox, &path) {
        return;
    }
    let mut lines = vec![0];
    lines.splice(0..1, format!("0 {}\t", "0".repeat(Kind::of_run().digits())).into_bytes());
    lines.extend(&path);
    lines.push(0);
    let stages = [&[1, 2, 3][..], &[2, 3], &[1, 3], &[1, 2]][generator.random.below(4)];
    for stage in stages {
        let id = hash_object(generator.sandbox, &format!("stage {stage} of {}\n", generator.random.below(50)));
        let mode = generator.random.pick(&["100644", "100644", "100755", "120000"]);
        lines.extend(format!("{mode} {id} {stage}\t").bytes().chain(path.iter().copied()).chain([0]));
    }
    let file = generator.sandbox.root().join("index-info");
    std::fs::write(&file, lines).unwrap();
    let mut command = generator.sandbox.command("git");
    command.args(["update-index", "-z", "--index-info"]).stdin(std::fs::File::open(file).unwrap());
    let outcome = Outcome::of(&mut command);
    generator.note(format!("conflict in {:?}, stages {stages:?} -> {:?}", BStr::new(&path), outcome.code()));
}

fn hash_object(sandbox: &Sandbox, text: &str) -> String {
    let file = sandbox.root().join("blob");
    std::fs::write(&file, text).unwrap();
    sandbox.git(&["hash-object", "-w", file.to_str().unwrap()])
}
