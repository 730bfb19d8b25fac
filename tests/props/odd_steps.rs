//! Random things that happen to a repository rather than to its files: settings, rules outside the work tree, sparse
//! checkouts, repositories inside it that are broken or live elsewhere, pipes.

use std::fs;

use bstr::BStr;

use crate::content;
use crate::generator::Generator;
use crate::index_steps::run;
use crate::sandbox::Outcome;

/// What the name of every pipe begins with; nothing else is called so, because git cannot add a pipe.
const PIPE: &str = "pipe-";

/// Changes a setting, or a file of rules that is not in the work tree.
pub fn reconfigure(generator: &mut Generator<'_>) {
    match generator.random.below(8) {
        0 => generator.set("core.autocrlf", &["true", "input", "false"]),
        1 => generator.set("core.eol", &["crlf", "lf", "native"]),
        2 => generator.set("core.fileMode", &["true", "false"]),
        3 => generator.set("core.symlinks", &["true", "false"]),
        4 => generator.set("index.version", &["2", "3", "4"]),
        5 | 6 => write_rules(generator, "attributes"),
        _ => write_rules(generator, "ignore"),
    }
}

/// New rules for `info/` or for the user's own file.
fn write_rules(generator: &mut Generator<'_>, name: &str) {
    let random = &mut generator.random;
    let text = if name == "ignore" { content::ignore_file(random) } else { content::attributes_file(random) };
    let in_info = generator.random.chance(50);
    let place = match (in_info, name) {
        (true, "ignore") => generator.sandbox.git_dir().join("info/exclude"),
        (true, name) => generator.sandbox.git_dir().join("info").join(name),
        (false, name) => generator.sandbox.home().join(name),
    };
    generator.note(format!("write {place:?}: {:?}", BStr::new(&text)));
    fs::write(place, text).unwrap();
}

pub fn act(generator: &mut Generator<'_>) {
    match generator.random.below(8) {
        0 | 1 => sparse(generator),
        2 => pipe(generator),
        3 => link_for_rules(generator),
        _ => repository(generator),
    }
}

fn sparse(generator: &mut Generator<'_>) {
    generator.has_flags = true;
    let choices: [&[&str]; 7] = [
        &["set", "--cone", "dir"],
        &["set", "--cone", "sub dir", "a"],
        &["set", "--no-cone", "/*", "!/dir/"],
        &["set", "--no-cone", "*.txt", "/dir/deep/"],
        &["set", "--cone"],
        &["reapply"],
        &["disable"],
    ];
    let chosen = choices[generator.random.below(7)];
    run(generator, &[&["sparse-checkout"], chosen].concat());
}

/// Whether a path is a pipe's.
pub fn is_pipe(path: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap();
    name.starts_with(PIPE.as_bytes())
}

fn pipe(generator: &mut Generator<'_>) {
    let path = inside(generator, &format!("{PIPE}{}", generator.done.len()));
    generator.note(format!("mkfifo {:?}", BStr::new(&path)));
    let place = generator.sandbox.path(&path);
    let _ = Outcome::of(generator.sandbox.command("mkfifo").arg(place)).succeeds();
}

/// Git follows no link to a file of ignore rules.
fn link_for_rules(generator: &mut Generator<'_>) {
    let path = inside(generator, ".gitignore");
    if generator.sandbox.path(&path).symlink_metadata().is_err() {
        generator.note(format!("link {:?} to b.txt", BStr::new(&path)));
        generator.sandbox.link(&path, "b.txt");
    }
}

fn inside(generator: &mut Generator<'_>, name: &str) -> Vec<u8> {
    let mut path = generator.pick_folder();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend(name.as_bytes());
    path
}

/// A folder becomes a repository, or what looks like one.
fn repository(generator: &mut Generator<'_>) {
    let number = generator.done.len();
    let folder = match generator.random.chance(25) {
        true => generator.pick_folder(),
        false => inside(generator, &format!("repo-{number}")),
    };
    let Ok(name) = String::from_utf8([b"./", &folder[..]].concat()) else { return };
    if folder.is_empty() {
        return;
    }
    generator.sandbox.write([&folder[..], b"/file.txt"].concat(), "in a repository\r\n");
    let dot_git = generator.sandbox.path([&folder[..], b"/.git"].concat());
    let kind = generator.random.below(7);
    generator.note(format!("repository {name:?} of kind {kind}"));
    let elsewhere = generator.sandbox.root().join(format!("separate-{number}"));
    match kind {
        0 => run(generator, &["-C", &name, "init", "-q"]),
        1 => run(generator, &["init", "-q", "--separate-git-dir", elsewhere.to_str().unwrap(), &name]),
        2 => run(generator, &["worktree", "add", "-q", "--detach", &format!("{name}/tree")]),
        3 => fs::write(dot_git, "no path\n").unwrap(),
        4 => fs::create_dir(dot_git).unwrap(),
        5 => run(generator, &["init", "-q", "--bare", &format!("{name}/bare")]),
        _ => {
            run(generator, &["-C", &name, "init", "-q"]);
            fs::write(dot_git.join("HEAD"), "no ref\n").unwrap();
        }
    }
    if kind < 2 && generator.random.chance(70) {
        run(generator, &["-C", &name, "add", "-A"]);
        run(generator, &["-C", &name, "commit", "-q", "--allow-empty", "-m", "inside"]);
    }
}
