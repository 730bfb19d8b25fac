//! Puts all mutants of a file into its text, each behind a question that is answered when the program runs.
//!
//! A function's body begins with `if on(7) { return …; }`, an operator, a guard or a struct expression becomes `(if on(8)
//! { … } else { … })`, and a match arm gets a guard. What stands in the alternatives is the text as it was, since no two
//! mutants are ever on at once.

use std::collections::BTreeMap;
use std::ops::Range;

use syn::Expr;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::mutant::Mutant;

/// Stands in the copy as `src/mutant.rs`. It is a file that says which mutant is on, and no variable of the environment,
/// which the tests clear for whatever they start.
pub const SWITCH: &str = r#"
static ON: std::sync::OnceLock<usize> = std::sync::OnceLock::new();

pub fn on(number: usize) -> bool {
    let read = || std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/mutant-on"));
    *ON.get_or_init(|| read().ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)) == number
}
"#;

/// A file with its mutants in it.
pub struct Woven {
    pub text: String,
    /// The number of each mutant, and where in the text it is.
    pub mutants: Vec<(usize, Range<usize>)>,
}

/// Text that is put in at a place.
struct Piece {
    at: usize,
    /// Of those at one place: those that close come first, the inner before the outer; of those that open, the outer.
    order: (u8, usize),
    /// 0 where it belongs to no mutant.
    number: usize,
    text: String,
}

/// Weaves mutants, each with its number, into a text.
pub fn weave(text: &str, mutants: &[(usize, &Mutant)]) -> syn::Result<Woven> {
    let mut sites = Sites(Vec::new());
    sites.visit_file(&syn::parse_file(text)?);
    let mut choices: BTreeMap<(usize, usize), Vec<(usize, String)>> = BTreeMap::new();
    let mut pieces = Vec::new();
    for &(number, mutant) in mutants {
        let (on, range) = (format!("crate::mutant::on({number})"), mutant.range(text));
        if mutant.genre == "FnValue" {
            // Two values of an opaque type would have to be of one type.
            if !mutant.function.as_ref().is_some_and(|function| function.return_type.contains("impl ")) {
                let text = format!("if {on} {{ return {}; }} ", mutant.replacement);
                pieces.push(Piece { at: range.start, order: (1, 0), number, text });
            }
        } else if let Some(site) = sites.around(&mutant.genre, &range) {
            let mutated = match mutant.genre.as_str() {
                "MatchArm" => "false".to_owned(),
                _ => format!("{}{}{}", &text[site.start..range.start], mutant.replacement, &text[range.end..site.end]),
            };
            if site.is_empty() {
                pieces.push(Piece { at: site.end, order: (0, 0), number, text: format!(" if !{on}") });
            } else {
                choices
                    .entry((site.start, site.end))
                    .or_default()
                    .push((number, format!("if {on} {{ {mutated} }} else ")));
            }
        }
    }
    for ((start, end), choices) in choices {
        let mut open =
            |number, text: String| pieces.push(Piece { at: start, order: (2, usize::MAX - end), number, text });
        open(0, "(".into());
        choices.into_iter().for_each(|(number, text)| open(number, text));
        open(0, "{ ".into());
        pieces.push(Piece { at: end, order: (0, usize::MAX - start), number: 0, text: " })".into() });
    }
    Ok(assemble(text, pieces))
}

fn assemble(text: &str, mut pieces: Vec<Piece>) -> Woven {
    pieces.sort_by_key(|piece| (piece.at, piece.order));
    let mut woven = Woven { text: String::new(), mutants: Vec::new() };
    let mut done = 0;
    for piece in pieces {
        woven.text.push_str(&text[done..piece.at]);
        done = piece.at;
        let start = woven.text.len();
        woven.text.push_str(&piece.text);
        woven.mutants.extend((piece.number > 0).then_some((piece.number, start..woven.text.len())));
    }
    woven.text.push_str(&text[done..]);
    woven
}

/// The places for mutants: of which genre, where one of them is then found, and what is wrapped.
struct Sites(Vec<(&'static str, Range<usize>, Range<usize>)>);

impl Sites {
    fn around(&self, genre: &str, range: &Range<usize>) -> Option<Range<usize>> {
        let fits = |whole: &Range<usize>| whole.start <= range.start && range.end <= whole.end;
        let found = self.0.iter().filter(|(of, whole, _)| *of == genre && fits(whole));
        found.min_by_key(|(_, whole, _)| whole.len()).map(|(_, _, site)| site.clone())
    }
}

impl<'a> Visit<'a> for Sites {
    fn visit_expr(&mut self, expr: &'a Expr) {
        let genre = match expr {
            Expr::Binary(_) => "BinaryOperator",
            Expr::Unary(_) => "UnaryOperator",
            Expr::Struct(_) => "StructField",
            _ => "",
        };
        let range = expr.span().byte_range();
        self.0.push((genre, range.clone(), range));
        visit::visit_expr(self, expr);
    }

    fn visit_arm(&mut self, arm: &'a syn::Arm) {
        let end = arm.pat.span().byte_range().end;
        let guard = arm.guard.as_ref().map_or(end..end, |(_, guard)| guard.span().byte_range());
        self.0.push(("MatchArmGuard", guard.clone(), guard.clone()));
        self.0.push(("MatchArm", arm.span().byte_range(), guard));
        visit::visit_arm(self, arm);
    }
}
