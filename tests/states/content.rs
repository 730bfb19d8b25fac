//! What files may hold and be.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::sandbox::Sandbox;
use crate::{State, state};

pub const STATES: &[State] = &[
    state("modified", || with(|one| one.write("a.txt", "changed\n"))),
    state("deleted", || with(|one| one.remove("a.txt"))),
    state("deleted folder", || with(|one| one.remove("src"))),
    state("staged", || {
        with(|one| {
            one.write("new.txt", "new\n");
            one.git(&["add", "new.txt"]);
        })
    }),
    state("staged and changed again", || {
        with(|one| {
            one.write("a.txt", "staged\n");
            one.git(&["add", "a.txt"]);
            one.write("a.txt", "and more\n");
        })
    }),
    state("staged and put back", || {
        with(|one| {
            one.write("a.txt", "staged\n");
            one.git(&["add", "a.txt"]);
            one.write("a.txt", "alpha\n");
        })
    }),
    state("staged for deletion, still there", || with(|one| drop(one.git(&["rm", "-q", "--cached", "a.txt"])))),
    state("renamed in the index", || with(|one| drop(one.git(&["mv", "a.txt", "b.txt"])))),
    state("untracked, deep", || with(|one| one.write("deep/er/and/deeper.txt", "deep\n"))),
    state("untracked and empty", || with(|one| one.write("empty", ""))),
    state("empty folder", || with(|one| one.mkdir("void"))),
    state("empty folders in each other", || with(|one| one.mkdir("void/of/void"))),
    state("executable bit", || with(|one| one.chmod("a.txt", 0o755))),
    state("no executable bit", || with(|one| one.chmod("run.sh", 0o644))),
    state("private file", || {
        with(|one| {
            one.write("secret", "0600\n");
            one.chmod("secret", 0o600);
        })
    }),
    state("read-only file", || {
        with(|one| {
            one.write("fixed", "0444\n");
            one.chmod("fixed", 0o444);
        })
    }),
    state("private folder", || {
        with(|one| {
            one.write("private/file", "x\n");
            one.chmod("private", 0o700);
        })
    }),
    state("executable by its owner alone", || with(|one| one.chmod("run.sh", 0o700))),
    state("link", || with(|one| one.link("pointer", "a.txt"))),
    state("dangling link", || with(|one| one.link("pointer", "nowhere"))),
    state("link to outside", || with(|one| one.link("pointer", "/etc/hostname"))),
    state("link to a folder", || with(|one| one.link("pointer", "src"))),
    state("link in a circle", || with(|one| one.link("pointer", "pointer"))),
    state("file became folder", || {
        with(|one| {
            one.remove("a.txt");
            one.write("a.txt/inside", "x\n");
        })
    }),
    state("folder became file", || {
        with(|one| {
            one.remove("src");
            one.write("src", "a file\n");
        })
    }),
    state("file became link", || {
        with(|one| {
            one.remove("a.txt");
            one.link("a.txt", "run.sh");
        })
    }),
    state("tracked in an ignored folder", || {
        with(|one| {
            one.write("build/kept.txt", "kept\n");
            one.git(&["add", "-f", "build/kept.txt"]);
            one.commit("kept");
            one.write(".gitignore", "build/\n");
            one.write("build/kept.txt", "changed\n");
        })
    }),
    state("ignored files beside", || {
        with(|one| {
            one.write(".gitignore", "node_modules/\n*.log\n");
            one.write("node_modules/x/index.js", "x\n");
            one.write("debug.log", "log\n");
            one.write("a.txt", "changed\n");
        })
    }),
    state("changed ignore rules", || {
        with(|one| {
            one.write(".gitignore", "*.o\n");
            one.commit("rules");
            one.write(".gitignore", "*.tmp\n");
            one.write("x.o", "object\n");
        })
    }),
    state("three megabytes", || {
        with(|one| {
            one.write("large", (0..3 << 20).map(|at: u32| (at.wrapping_mul(7919) >> 7) as u8).collect::<Vec<_>>())
        })
    }),
    state("bytes of every kind", || with(|one| one.write("bytes", (0..=255).collect::<Vec<u8>>()))),
    state("CR LF under autocrlf", || {
        with(|one| {
            one.git(&["config", "core.autocrlf", "true"]);
            one.write("dos.txt", "one\r\ntwo\r\n");
            one.write("mixed.txt", "one\r\ntwo\n");
            one.write("unix.txt", "one\ntwo\n");
        })
    }),
    state("CR LF against eol=lf", || {
        with(|one| {
            one.write(".gitattributes", "*.txt text eol=lf\n");
            one.write("dos.txt", "one\r\ntwo\r\n");
        })
    }),
    state("LF against eol=crlf", || {
        with(|one| {
            one.write(".gitattributes", "*.txt text eol=crlf\n");
            one.write("unix.txt", "one\ntwo\n");
        })
    }),
    state("ident", || {
        with(|one| {
            one.write(".gitattributes", "*.c ident\n");
            one.write("x.c", "/* $Id: 1234 not what git would say $ */\n");
        })
    }),
    state("encoding", || {
        with(|one| {
            one.write(".gitattributes", "*.u16 text working-tree-encoding=UTF-16LE\n");
            one.write("x.u16", "grüß\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        })
    }),
    state("filter", || {
        with(|one| {
            one.git(&["config", "filter.turn.clean", "tr a-z n-za-m"]);
            one.git(&["config", "filter.turn.smudge", "tr a-z n-za-m"]);
            one.write(".gitattributes", "*.rot filter=turn\n");
            one.write("x.rot", "hello\n");
        })
    }),
    state("lossy filter", || {
        with(|one| {
            one.git(&["config", "filter.lossy.clean", "tr -d x"]);
            one.write(".gitattributes", "*.lossy filter=lossy\n");
            one.write("file.lossy", "axbxc\n");
        })
    }),
    state("filter that is not installed", || {
        with(|one| {
            one.git(&["config", "filter.gone.clean", "/nonexistent/clean"]);
            one.git(&["config", "filter.gone.smudge", "/nonexistent/smudge"]);
            one.write(".gitattributes", "*.gone filter=gone\n");
            one.write("x.gone", "raw bytes\n");
        })
    }),
    state("core.fileMode=false", || {
        with(|one| {
            one.git(&["config", "core.fileMode", "false"]);
            one.chmod("a.txt", 0o755);
            one.chmod("run.sh", 0o600);
        })
    }),
    state("stand-in for a link", || {
        with(|one| {
            one.link("pointer", "a.txt");
            one.commit("a link");
            one.git(&["config", "core.symlinks", "false"]);
            one.remove("pointer");
            one.write("pointer", "a.txt");
        })
    }),
    state("hard link to outside", || {
        with(|one| {
            let outside = one.root().join("outside");
            fs::write(&outside, "shared\n").unwrap();
            fs::hard_link(&outside, one.path("shared")).unwrap();
        })
    }),
    state("hard links to each other", || with(|one| fs::hard_link(one.path("a.txt"), one.path("twin.txt")).unwrap())),
    state("times of long ago and far ahead", || {
        with(|one| {
            for (name, seconds) in [("old", 1), ("new", 4_070_908_800)] {
                one.write(name, name);
                let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
                fs::File::options().write(true).open(one.path(name)).unwrap().set_modified(time).unwrap();
            }
        })
    }),
    state("same size and time, other bytes", || {
        with(|one| {
            one.ckpt(&["save"]).succeeds();
            let path = one.path("a.txt");
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            fs::write(&path, "ALPHA\n").unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        })
    }),
    State {
        name: "pipe",
        make: || {
            with(|one| {
                let made = std::process::Command::new("mkfifo").arg(one.path("pipe")).status().unwrap();
                assert!(made.success());
                one.write("a.txt", "changed\n");
            })
        },
        unkept: &["pipe"],
    },
    State {
        name: "socket",
        make: || {
            with(|one| {
                drop(std::os::unix::net::UnixListener::bind(one.path("socket")).unwrap());
                one.write("a.txt", "changed\n");
            })
        },
        unkept: &["socket"],
    },
    State {
        name: "larger than the limit",
        make: || {
            with(|one| {
                one.set("CKPT_MAX_FILE_SIZE", "1MiB");
                one.write("huge", vec![1; 2 << 20]);
                one.write("a.txt", "changed\n");
            })
        },
        unkept: &["huge"],
    },
    state("nothing to say", || with(|_| {})),
    state("all bits of a file", || {
        with(|one| fs::set_permissions(one.path("a.txt"), fs::Permissions::from_mode(0o777)).unwrap())
    }),
];

fn with(change: impl Fn(&Sandbox)) -> Sandbox {
    let sandbox = Sandbox::new();
    change(&sandbox);
    sandbox
}
