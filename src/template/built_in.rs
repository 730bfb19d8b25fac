//! The templates that come with the program.

/// Name and text of each.
pub const ALL: [(&str, &str); 8] = [
    ("bugfix", include_str!("../../templates/bugfix.md")),
    ("docs", include_str!("../../templates/docs.md")),
    ("feature", include_str!("../../templates/feature.md")),
    ("incident", include_str!("../../templates/incident.md")),
    ("refactor", include_str!("../../templates/refactor.md")),
    ("release", include_str!("../../templates/release.md")),
    ("review", include_str!("../../templates/review.md")),
    ("spike", include_str!("../../templates/spike.md")),
];

/// The text of a template by its name.
pub fn find(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
