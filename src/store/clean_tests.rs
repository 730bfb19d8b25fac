use super::fixture::Fixture;
use crate::model::object::Cleaner;

fn with_filter(clean: &str, required: bool) -> Fixture {
    let fixture = Fixture::with_commit();
    fixture.write(".gitattributes", "*.x filter=odd\n*.u working-tree-encoding=UTF-16LE\n");
    fixture.git(["config", "filter.odd.clean", clean]);
    fixture.git(["config", "filter.odd.required", if required { "true" } else { "false" }]);
    fixture
}

#[test]
fn git_converts_and_the_repository_gains_nothing() {
    let fixture = with_filter("tr a-z A-Z", false);
    let before = fixture.git(["count-objects", "-v"]);
    let store = fixture.store();
    assert_eq!(store.clean(b"new/a.x", b"hello\n").unwrap(), b"HELLO\n");
    assert_eq!(store.clean(b"a.u", b"h\0i\0").unwrap(), b"hi");
    let large = vec![b'a'; 3 << 20];
    assert_eq!(store.clean(b"a.x", &large).unwrap(), large.to_ascii_uppercase());
    assert_eq!(store.clean(b"-odd \xff.x", b"x").unwrap(), b"X");
    assert_eq!(fixture.git(["count-objects", "-v"]), before);
    assert_eq!(std::fs::read_dir(store.layout().own_dir.join("tmp")).unwrap().count(), 0);
}

#[test]
fn a_filter_that_fails_is_named_required_or_not() {
    for required in [false, true] {
        for command in ["false", "no-such-program --x"] {
            let error = with_filter(command, required).store().clean(b"a.x", b"hello\n").unwrap_err();
            assert!(error.contains("clean filter 'odd' failed"), "{error}");
        }
    }
    assert!(with_filter("cat", false).store().clean(b"a.u", b"odd").is_err());
}
