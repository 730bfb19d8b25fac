use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn template(front: &str, body: &str) -> Template {
    Template::parse("t", &format!("+++\n{front}+++\n{body}")).unwrap()
}

/// The message of a text that is refused.
fn refused(text: &str) -> String {
    Template::parse("t", text).unwrap_err().to_string()
}

fn refused_body(body: &str) -> String {
    refused(&format!("+++\n+++\n{body}"))
}

#[test]
fn a_plan_has_all_that_the_template_says() {
    let front = "title = \"Build {{ what }}\"\n[variables.what]\nrequired = true\n\
                 [branch]\nname = \"feature/{{ what | slug }}\"\nfrom = \"dev\"\n";
    let body = "# Context\n## Current Work\nBuild {{ what }}.\n\n\n\n## Empty\n# Plan\n## One\n- [ ] a\n\
                - [ ] b <!-- verify: make {{ what | slug }} -->\n# Hints\n- first\n  goes on\n- second\n";
    let plan = template(front, body).plan(&map(&[("what", "User Notifications!")]), &map(&[])).unwrap();
    assert_eq!(plan.title, "Build User Notifications!");
    assert_eq!(plan.branch.as_deref(), Some("feature/user-notifications"));
    assert_eq!(plan.from.as_deref(), Some("dev"));
    assert_eq!(plan.context, [("Current Work".to_owned(), "Build User Notifications!.".to_owned())]);
    assert_eq!(plan.checklist, "## One\n- [ ] a\n- [ ] b <!-- verify: make user-notifications -->\n");
    assert_eq!(plan.hints, ["first goes on", "second"]);
    assert_eq!(plan.variables, map(&[("what", "User Notifications!")]));
}

#[test]
fn a_default_is_filled_in_from_what_is_known_before_it() {
    let front = "[variables.b]\ndefault = \"{{ title }}\"\n[variables.a]\ndefault = \"{{ b | upper }}\"\n";
    let plan = template(front, "").plan(&map(&[]), &map(&[("title", "a\n<!-- b")])).unwrap();
    assert_eq!(plan.variables, map(&[("a", "A B"), ("b", "a b")]));
    assert_eq!(plan.title, "a b");
}

#[test]
fn what_is_missing_is_named_and_so_is_what_is_unknown() {
    let made = template("[variables.x]\nrequired = true\n[variables.y]\n[variables.z]\nrequired = true\n", "");
    let missing: Vec<_> = made.missing(&map(&[("z", "1")])).iter().map(|one| one.name.as_str()).collect();
    assert_eq!(missing, ["x"]);
    let error = made.plan(&map(&[]), &map(&[])).unwrap_err();
    assert_eq!(error.to_string(), "the template `t` needs `x`, `z`");
    let error = made.plan(&map(&[("q", "1")]), &map(&[])).unwrap_err();
    assert_eq!(error.to_string(), "the template `t` has no variable `q`");
}

#[test]
fn a_value_has_to_fit_the_whole_pattern_and_one_line() {
    let made = template("[variables.n]\npattern = \"[0-9]+|x\"\nrequired = true\n", "");
    let plan = |value: &str| made.plan(&map(&[("n", value)]), &map(&[]));
    assert!(plan("12").is_ok());
    let error = plan("12a").unwrap_err().to_string();
    assert_eq!(error, "`12a` is no value for `n`: it does not match `[0-9]+|x`");
    for value in ["1\n2", "\u{1b}[2J", "", "1 --> 2", "<!-- verify: x"] {
        assert!(matches!(plan(value), Err(TemplateError::BadValue { .. })), "{value:?}");
    }
}

#[test]
fn malformed_front_matter_is_told_with_line_and_column() {
    let cases = [
        ("", "t:1:1: a template begins with a line `+++`"),
        ("+++\ntitle = \"x\"\n", "t:1:1: the front matter is not closed by a second line `+++`"),
        ("+++\ntitel = \"x\"\n+++\n", "t:2:1: unknown field `titel`"),
        ("+++\ntitle = \"{{ a\"\n+++\n", "t:2:9: this is not closed by `}}`"),
        ("+++\ntitle = \"{% if a %}\"\n+++\n", "t:2:9: tags are for the text below the front matter"),
        ("+++\n[variables.Name]\n+++\n", "t:2:12: a variable is called by small letters, digits and `_`"),
        ("+++\n[variables.title]\n+++\n", "t:2:12: the name `title` is taken"),
        ("+++\n[variables.x]\npattern = \"(\"\n+++\n", "t:3:11: no regular expression: "),
        ("+++\n[variables.x]\npattern = \"a)(b\"\n+++\n", "t:3:11: no regular expression: "),
        ("+++\n[variables.x]\npattern = \"((a{1000}){1000}){1000}\"\n+++\n", "t:3:11: no regular expression: "),
        ("+++\ntitle = \"a\\u0007\"\n+++\n", "t:2:9: it may not hold '\\u{7}'"),
        ("+++\ntitle = 1\n+++\n", "t:2:9: "),
        ("+++\n+++\nbell\u{7}\n", "t:3:5: a template may not hold the control character '\\u{7}'"),
        ("+++\n+++\n# Pla\n", "t:3:1: `# Pla` is none of `# Context`, `# Plan` and `# Hints`"),
    ];
    for (text, message) in cases {
        let told = refused(text);
        assert!(told.starts_with(message), "{text:?}\n{told}\n{message}");
    }
    let bytes = Template::parse_file("t", "a/t.md", b"+++\n+++\nab\xffc").unwrap_err().to_string();
    assert_eq!(bytes, "a/t.md:3:3: the template is not UTF-8");
    let error = Template::parse("t", &"x".repeat(LARGEST + 1)).unwrap_err();
    assert!(matches!(error, TemplateError::TooLarge { .. }));
}

#[test]
fn what_could_grow_without_end_is_no_part_of_the_language() {
    let cases = [
        ("{% set x = a %}", "t:3:4: a template may not use `set`"),
        ("{% with x = a %}{% endwith %}", "t:3:4: a template may not use `with`"),
        ("{% macro x() %}{% endmacro %}", "t:3:4: a template may not use `macro`"),
        ("{% for x in a %}{% endfor %}", "t:3:4: a `for` goes over the parts of a value"),
        ("{% for x in [a, a] %}", "t:3:13: a template may not use `[` here"),
        ("{{ a ~ a }}", "t:3:6: a template may not use `~` here"),
        ("{{ a * 9 }}", "t:3:6: a template may not use `*` here"),
        ("{{ a + a }}", "t:3:6: a template may not use `+` here"),
        ("{{ a | join }}", "t:3:8: there is no filter `join`"),
        ("{{ range(9) }}", "t:3:4: there is no function `range`"),
        ("{{ self.x() }}", "t:3:4: a template may not use `self` here"),
        ("{{ super() | upper }}", "t:3:4: a template may not use `super` here"),
        ("{{ a is defined }}", "t:3:6: a template may not use `is`"),
        ("{% include a %}", "t:3:4: `include` takes one name in quotes"),
        ("{% extends \"a\" %}{% extends \"b\" %}", "t:3:21: a template extends one other at most"),
        ("{{ \"a }}", "t:3:4: the text in quotes is not closed"),
        ("{{ }}", "t:3:1: there is nothing between"),
        ("{# a", "t:3:1: the comment is not closed"),
    ];
    for (body, message) in cases {
        let told = refused_body(body);
        assert!(told.starts_with(message), "{body}\n{told}");
    }
}

#[test]
fn what_is_deep_is_refused_and_not_run_into() {
    let ifs = "{% if title %}".repeat(15_000);
    let elifs = format!("{{% if title %}}{}{{% endif %}}", "{% elif title %}".repeat(15_000));
    let around = |inside: &str| format!("{{{{ {inside} }}}}");
    let ands = around(&format!("title{}", " and title".repeat(20_000)));
    let filters = around(&format!("title{}", "|trim".repeat(40_000)));
    let nots = around(&format!("{}title", "not ".repeat(40_000)));
    let parentheses = around(&format!("{}title{}", "(".repeat(90_000), ")".repeat(90_000)));
    for body in [ifs, elifs, ands, filters, nots, parentheses] {
        let told = refused_body(&body);
        assert!(told.contains(" deep in each other") || told.contains("more than 200 words"), "{told}");
    }
    let deepest = format!("{}{}", "{% if title %}".repeat(40), "{% endif %}".repeat(40));
    template("", &deepest).check().unwrap();
    let nots = around(&format!("{}title", "not ".repeat(199)));
    let _ = template("", &nots).check();
    let toml = format!("+++\nx = {}\n+++\n", "[".repeat(100_000));
    assert!(refused(&toml).starts_with("t:2:"));
    let table = format!("+++\n[{}x]\n+++\n", "a.".repeat(50_000));
    let _ = Template::parse("t", &table);
}

#[test]
fn undeclared_values_and_unclosed_tags_are_found_before_anything_is_filled_in() {
    let check = |front: &str, body: &str| template(front, body).check().unwrap_err().to_string();
    assert_eq!(check("", "# Plan\n{{ titel }}\n"), "t:4:4: there is no variable `titel`; did you mean `title`?");
    assert_eq!(check("title = \"{{ q }}\"\n", ""), "t:2:9: there is no variable `q`");
    assert!(check("", "# Plan\n{% if title %}\n").starts_with("t:"), "{}", check("", "# Plan\n{% if title %}\n"));
    assert!(
        template("", "{% for part in title | split(\",\") %}{{ part }}{{ loop.index }}{% endfor %}").check().is_ok()
    );
}

#[test]
fn work_and_output_are_bounded() {
    let nested = "{% for a in x | split(\",\") %}".repeat(6) + "y" + &"{% endfor %}".repeat(6);
    let value = "a,".repeat(2000);
    let made = template("[variables.x]\n", &format!("# Plan\n{nested}"));
    let error = made.plan(&map(&[("x", &value)]), &map(&[])).unwrap_err();
    assert!(matches!(error, TemplateError::TooMuchWork { .. } | TemplateError::TooMuchText { .. }), "{error}");
    let body = format!("# Plan\n{{% for a in x | split(\",\") %}}{}{{% endfor %}}", "z".repeat(4000));
    let error = template("[variables.x]\n", &body).plan(&map(&[("x", &value)]), &map(&[])).unwrap_err();
    assert!(matches!(error, TemplateError::TooMuchText { .. }), "{error}");
    let doubled = "| replace(\"a\", \"aaaaaaaaaa\")".repeat(20);
    let body = format!("# Plan\n{{{{ x {doubled} }}}}");
    let error = template("[variables.x]\n", &body).plan(&map(&[("x", "a")]), &map(&[])).unwrap_err();
    assert!(error.to_string().contains("a value is larger than 65536 bytes"), "{error}");
}

#[test]
fn a_template_takes_over_another_and_includes_pieces() {
    let base = template(
        "title = \"Base {{ a }}\"\n[variables.a]\ndefault = \"1\"\n[branch]\nname = \"b/{{ a }}\"\n",
        "# Plan\n{% block plan %}\n## Base\n- [ ] one\n{% endblock %}\n",
    );
    let piece = template("", "- [ ] piece {{ a }}\n");
    let front = "[variables.b]\n[variables.a]\ndefault = \"2\"\n";
    let body =
        "{% extends \"base\" %}\n{% block plan %}\n{{ super() }}\n## More\n{% include \"piece\" %}\n{% endblock %}\n";
    let mut made = template(front, body);
    let names: Vec<_> = made.references().iter().map(|reference| reference.name.clone()).collect();
    assert_eq!(names, ["base", "piece"]);
    assert!(matches!(made.check(), Err(TemplateError::UnknownReference { .. })));
    made.attach("base", base);
    made.attach("piece", piece);
    let plan = made.plan(&map(&[]), &map(&[])).unwrap();
    assert_eq!((plan.title.as_str(), plan.branch.as_deref()), ("Base 2", Some("b/2")));
    let items: Vec<_> = checklist::items(&plan.checklist).into_iter().map(|item| item.text).collect();
    assert_eq!(items, ["one", "piece 2"]);
    let order: Vec<_> = made.variables().map(|variable| variable.name.as_str()).collect();
    assert_eq!(order, ["a", "b"]);
}

#[test]
fn an_error_in_a_piece_names_the_piece() {
    let mut made = template("", "# Plan\n{% include \"piece\" %}\n");
    made.attach("piece", Template::parse("piece", "+++\n+++\n\n{{ title | split(\"\") }}\n").unwrap());
    let error = made.plan(&map(&[]), &map(&[("title", "x")])).unwrap_err();
    assert!(error.to_string().starts_with("piece:4:12: "), "{error}");
}

#[test]
fn an_optional_command_that_is_not_given_leaves_no_mark() {
    let made = template("[variables.c]\n", "# Plan\n- [ ] a <!-- verify: {{ c }} -->\n");
    assert_eq!(made.plan(&map(&[]), &map(&[])).unwrap().checklist, "- [ ] a\n");
    let plan = made.plan(&map(&[("c", "cargo test")]), &map(&[])).unwrap();
    assert_eq!(checklist::items(&plan.checklist)[0].command.as_deref(), Some("cargo test"));
    assert!(made.has_open_commands() && made.fixed_commands().is_empty());
    let fixed = template("", "# Plan\n- [ ] a <!-- verify: make -->\n```\nx <!-- verify: no -->\n```\n");
    assert_eq!(fixed.fixed_commands().into_iter().collect::<Vec<_>>(), ["make"]);
}

#[test]
fn every_built_in_template_makes_a_plan_with_and_without_its_optional_values() {
    for (name, text) in built_in::ALL {
        let made = Template::parse(name, text).unwrap_or_else(|error| panic!("{error}"));
        assert!(!made.description().is_empty() && made.description().len() <= 57, "{name}");
        let known = map(&[("title", "User notifications"), ("date", "2026-11-21"), ("branch", "main")]);
        let least: BTreeMap<String, String> =
            made.missing(&map(&[])).iter().map(|variable| (variable.name.clone(), "1.2.0".to_owned())).collect();
        let all = made.variables().filter(|variable| variable.pattern.is_none());
        let all = all.map(|variable| (variable.name.clone(), "make check".to_owned())).chain(least.clone()).collect();
        for values in [least, all] {
            let plan = made.plan(&values, &known).unwrap_or_else(|error| panic!("{name}: {error}"));
            let phases = checklist::parse(&plan.checklist);
            let items: usize = phases.iter().map(|phase| phase.items.len()).sum();
            assert!(phases.len() >= 3 && (12..=40).contains(&items), "{name}: {items}");
            assert!(phases.iter().all(|phase| !phase.title.is_empty() && phase.items.len() >= 3), "{name}");
            assert!(!plan.hints.is_empty() && !plan.context.is_empty() && !plan.title.is_empty(), "{name}");
            let all = format!("{}{:?}", plan.checklist, plan.context);
            assert!(!all.contains("{{") && !all.contains("verify:  "), "{name}\n{all}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_template_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Template::parse_file("t", "t", &bytes);
        let mut framed = b"+++\n+++\n".to_vec();
        framed.extend(&bytes);
        if let Ok(template) = Template::parse_file("t", "t", &framed) {
            let _ = template.plan(&BTreeMap::new(), &BTreeMap::new());
        }
    }

    /// Whatever the language's check lets through, the engine takes or refuses; it never hangs and never panics.
    #[test]
    fn pieces_of_the_language_in_any_order_end(pieces in proptest::collection::vec(0..PIECES.len(), 0..30)) {
        let body: String = pieces.iter().map(|&index| PIECES[index]).collect();
        let text = format!("+++\n[variables.a]\ndefault = \"x,y\"\n+++\n# Plan\n{body}");
        if let Ok(template) = Template::parse("t", &text)
            && let Ok(plan) = template.plan(&BTreeMap::new(), &map(&[("title", "t,u")]))
        {
            prop_assert!(plan.checklist.len() <= LARGEST_RENDERED);
        }
    }

    #[test]
    fn an_edit_of_a_check_list_changes_its_item_alone(
        lines in proptest::collection::vec(0..LINES.len(), 0..20),
        number in 1usize..20,
        done in any::<bool>(),
    ) {
        let text: String = lines.iter().map(|&index| LINES[index]).collect();
        let before = checklist::items(&text);
        match checklist::set_done(&text, number, done) {
            Ok(new) => {
                let after = checklist::items(&new);
                prop_assert_eq!(before.len(), after.len());
                for (old, new) in before.iter().zip(&after) {
                    let wanted = checklist::Item { is_done: if old.number == number { done } else { old.is_done }, ..old.clone() };
                    prop_assert_eq!(&wanted, new);
                }
                let removed = checklist::remove(&text, number).unwrap();
                prop_assert_eq!(checklist::items(&removed).len(), before.len() - 1);
            }
            Err(_) => prop_assert!(number > before.len()),
        }
        let (added, at) = checklist::add(&text, None, "a new one").unwrap();
        if !text.contains("```") {
            prop_assert_eq!(&checklist::items(&added)[at - 1].text, "a new one");
            prop_assert_eq!(checklist::items(&added).len(), before.len() + 1);
        }
    }
}

const PIECES: [&str; 24] = [
    "{{ a }}",
    "{{ title | slug }}",
    "{{ a | default(\"q\") | upper }}",
    "{% if a %}",
    "{% if a == title and not task %}",
    "{% elif title in a %}",
    "{% else %}",
    "{% endif %}",
    "{% for b in a | split(\",\") %}",
    "{{ b }}",
    "{{ loop.index }}",
    "{% endfor %}",
    "{% block x %}",
    "{% endblock %}",
    "{{ super() }}",
    "{# c #}",
    "{{ (a) }}",
    "{{ a.b }}",
    "{{ a | replace(\"x\", a) }}",
    "{%- if a -%}",
    "\n- [ ] item\n",
    "{{ \"\\\"\" }}",
    "}}",
    "{{ 1 - 2 }}",
];

const LINES: [&str; 14] = [
    "## Phase\n",
    "## Other\r\n",
    "- [ ] one\n",
    "- [x] two <!-- verify: make -->\n",
    "  - [X] nested\n",
    "* [ ] star",
    "\n",
    "  goes on\n",
    "text\n",
    "```\n",
    "- [ ]\n",
    "- [y] no\n",
    "-[ ] no\n",
    "+ [ ] \u{202e}é\n",
];

#[test]
fn a_check_list_is_read_by_phase_and_by_number() {
    let text =
        "- [ ] early\n## One\n- [x] a\n  - [ ] b <!-- verify: cargo test --all -->\n```\n- [ ] code\n```\n## Two\n";
    let phases = checklist::parse(text);
    let titles: Vec<_> = phases.iter().map(|phase| (phase.title.as_str(), phase.done(), phase.items.len())).collect();
    assert_eq!(titles, [("", 0, 1), ("One", 1, 2), ("Two", 0, 0)]);
    let item = &phases[1].items[1];
    assert_eq!((item.number, item.text.as_str(), item.indent), (3, "b", 2));
    assert_eq!(item.command.as_deref(), Some("cargo test --all"));
}

#[test]
fn an_item_is_added_where_its_phase_ends() {
    let text = "## One\n\n- [ ] a\n\n## Two\n";
    let (one, number) = checklist::add(text, Some("one"), "b").unwrap();
    assert_eq!((one.as_str(), number), ("## One\n\n- [ ] a\n- [ ] b\n\n## Two\n", 2));
    let (two, number) = checklist::add(&one, None, "c").unwrap();
    assert_eq!((two.as_str(), number), ("## One\n\n- [ ] a\n- [ ] b\n\n## Two\n\n- [ ] c\n", 3));
    assert_eq!(checklist::add("", None, "a").unwrap(), ("- [ ] a\n".to_owned(), 1));
    assert_eq!(checklist::add_phase("", "New", "a").unwrap(), ("## New\n\n- [ ] a\n".to_owned(), 1));
    assert!(checklist::add(text, Some("three"), "x").is_err());
    for words in ["", " ", "a\nb", "a <!-- verify: rm -->"] {
        assert!(checklist::add(text, None, words).is_err(), "{words:?}");
    }
}

#[test]
fn an_item_is_removed_with_what_belongs_to_it() {
    let text = "- [ ] a\n  goes on\n\n- [ ] b\n- [ ] c";
    assert_eq!(checklist::remove(text, 1).unwrap(), "\n- [ ] b\n- [ ] c");
    assert_eq!(checklist::remove(text, 3).unwrap(), "- [ ] a\n  goes on\n\n- [ ] b\n");
    assert_eq!(checklist::remove(text, 0).unwrap_err().to_string(), "the check list has no item 0; it has 3");
}
