//! The figures of speed and size, each as a ratio against git (or a bare walk) in the same run.
//!
//! `cargo bench --bench figures [-- FILTER]` prints a table; FILTER picks the figures whose name contains it.
//! `CKPT_BENCH_SMALL=1` tries everything on small trees; `CKPT_BENCH_HISTORY` and `CKPT_BENCH_CHANGELOG` name a repository and
//! its changelog for the group `changelog`. The trees are kept under `target/bench-trees/`.
#![allow(clippy::unwrap_used, clippy::disallowed_macros, unreachable_pub)]

mod figures_brief;
mod figures_changelog;
mod figures_files;
mod figures_history;
mod figures_hooks;
mod figures_plumbing;
mod figures_stack;
mod figures_store;
mod figures_summary;
mod figures_warm;
mod figures_words;
mod measure;
mod place;
mod trees;
mod walk;

use measure::Table;

/// A group of figures that share a tree.
type Group = (&'static str, fn(&mut Table));

const GROUPS: &[Group] = &[
    ("start", figures_store::start),
    ("small", figures_warm::small),
    ("large", figures_warm::large),
    ("ignored", figures_warm::ignored),
    ("first-untracked", figures_files::first_untracked),
    ("load-few", figures_warm::load_few),
    ("load-many", figures_files::load_many),
    ("list", figures_store::list),
    ("growth", figures_store::growth),
    ("hooks", figures_hooks::hooks),
    ("stack", figures_stack::stack),
    ("words", figures_words::words),
    ("brief", figures_brief::brief),
    ("plumbing", figures_plumbing::plumbing),
    ("history", figures_history::history),
    ("summary", figures_summary::summary),
    ("changelog", figures_changelog::changelog),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, folder] = arguments.as_slice()
        && word == "--walk"
    {
        println!("{}", walk::count(std::path::Path::new(folder)));
        return;
    }
    let filter = arguments.first().map_or("", String::as_str);
    let mut table = Table::default();
    for &(name, run) in GROUPS {
        if name.contains(filter) {
            eprintln!("measuring {name} …");
            run(&mut table);
        }
    }
    table.print();
}
