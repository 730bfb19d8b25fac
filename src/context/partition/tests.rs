use super::*;

fn partitions(all: &[(&str, &[&str])]) -> Partitions {
    let mut partitions = Partitions::default();
    for (name, paths) in all {
        partitions.add(&name.parse().unwrap(), paths.iter().map(|&path| path.into()));
    }
    partitions
}

fn chosen<'a>(partitions: &'a Partitions, paths: &[&str]) -> Vec<&'a str> {
    partitions.choose(paths.iter().map(|path| BStr::new(*path)))
}

#[test]
fn changed_paths_choose_the_partition_with_the_longest_path() {
    let all = partitions(&[("all", &["."]), ("backend", &["src/backend/", "db"]), ("queries", &["./src/backend/sql"])]);
    assert_eq!(chosen(&all, &["src/backend/main.rs"]), ["backend"]);
    assert_eq!(chosen(&all, &["src/backend/sql/a.sql", "db"]), ["backend", "queries"]);
    assert_eq!(chosen(&all, &["src/backendless.rs"]), ["all"]);
    assert_eq!(chosen(&all, &[]), Vec::<&str>::new());
    assert_eq!(chosen(&partitions(&[("a", &["x"]), ("b", &["x"])]), &["x/y"]), ["a", "b"]);
    assert!(all.covers("backend", BStr::new("db/one")) && !all.covers("backend", BStr::new("dbx")));
}

#[test]
fn what_is_written_is_read() {
    let mut all = partitions(&[("backend", &["src/backend", "a \"b\"\n"]), ("empty", &[])]);
    all.add(&"raw".parse().unwrap(), [BString::from(b"caf\xe9".as_slice())]);
    assert_eq!(Partitions::parse(&all.render()), Ok(all));
    assert_eq!(Partitions::parse(&Partitions::default().render()), Ok(Partitions::default()));
}

#[test]
fn unknown_fields_stay_and_newer_versions_are_refused() {
    let read = Partitions::parse("version = 1\ncolour = 'red'\n[partitions.a]\npaths = ['x']\n").unwrap();
    assert!(read.render().contains("colour = \"red\""), "{}", read.render());
    assert_eq!(Partitions::parse("version = 2\nx = 1\n"), Err(ContextError::NewerPartitions(2)));
    for broken in ["", "version = 'a'", "version = 1\n[partitions.\"../x\"]\n", "[["] {
        assert!(matches!(Partitions::parse(broken), Err(ContextError::Partitions(_))), "{broken}");
    }
}

#[test]
fn adding_twice_changes_nothing_and_a_typing_error_gets_the_nearest_name() {
    let mut all = partitions(&[("backend", &["src"])]);
    assert!(!all.add(&"backend".parse().unwrap(), ["./src/".into()]));
    assert!(all.add(&"backend".parse().unwrap(), ["db".into()]));
    let wanted = ContextError::UnknownPartition { name: "bakend".into(), nearest: vec!["backend".into()] };
    assert_eq!(all.remove("bakend"), Err(wanted));
    assert_eq!(all.remove("backend"), Ok(()));
    assert!(all.is_empty());
}
