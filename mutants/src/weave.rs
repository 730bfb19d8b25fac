//! Puts all mutants of a file into its text, each behind a question that is answered when the program runs.
//!
//! A function's body begins with `if on(7) { return …; }`; an operator, a guard or a struct expression becomes
//! `(if on(8) { … } else { … })`; a match arm that may be deleted gets a guard. The alternatives hold the text as it
//! was, since no two mutants are ever on at once.

use std::collections::BTreeMap;
use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::mutant::Mutant;

/// Stands in the copy as `src/mutant.rs`. A file says which mutant is on, and no variable of the environment: the tests
/// clear that for whatever they start.
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
    /// Where in the text each mutant's own part is, and the whole expression around it.
    pub parts: Vec<Part>,
}

pub struct Part {
    pub number: usize,
    pub own: Range<usize>,
    pub site: Range<usize>,
}

/// Weaves mutants, each with its number, into a text.
pub fn weave(text: &str, mutants: &[(usize, &Mutant)]) -> Result<Woven, syn::Error> {
    let mut sites = Sites::default();
    sites.visit_file(&syn::parse_file(text)?);
    let mut expressions: BTreeMap<(usize, usize), Vec<(usize, String)>> = BTreeMap::new();
    let mut pieces = Vec::new();
    for &(number, mutant) in mutants {
        let range = mutant.range(text);
        let Some((kind, site)) = sites.find(&mutant.genre, &range) else { continue };
        match kind {
            Kind::Body => pieces.extend(body(text, number, mutant, &site)),
            Kind::Arm => {
                pieces.push(Piece::at(site.end, site.clone(), number, format!(" if !crate::mutant::on({number})")))
            }
            Kind::GuardedArm => expressions.entry((site.start, site.end)).or_default().push((number, "false".into())),
            _ => {
                let before = &text[site.start..range.start];
                let mutated = format!("{before}{}{}", mutant.replacement, &text[range.end..site.end]);
                expressions.entry((site.start, site.end)).or_default().push((number, mutated));
            }
        }
    }
    for ((start, end), alternatives) in expressions {
        for (place, (number, mutated)) in alternatives.into_iter().enumerate() {
            let open = if place == 0 { "(" } else { " else " };
            let text = format!("{open}if crate::mutant::on({number}) {{ {mutated} }}");
            pieces.push(Piece { order: Order::opening(end), ..Piece::at(start, start..end, number, text) });
        }
        pieces.push(Piece { order: Order::opening(end), ..Piece::at(start, start..end, 0, " else { ".into()) });
        pieces.push(Piece { order: Order::closing(start), ..Piece::at(end, start..end, 0, " })".into()) });
    }
    Ok(assemble(text, pieces))
}

fn body(text: &str, number: usize, mutant: &Mutant, site: &Range<usize>) -> Vec<Piece> {
    let inside = site.start + 1..site.end - 1;
    let returned = mutant.function.as_ref().map_or("", |function| &function.return_type);
    let Some(bound) = returned.strip_prefix("-> impl ") else {
        let text = format!(" if crate::mutant::on({number}) {{ return {}; }}", mutant.replacement);
        return vec![Piece::at(inside.start, site.clone(), number, text)];
    };
    // Two values of one opaque type are of one type only in a box.
    let plain_end = inside.start + text[inside.clone()].trim_end().len();
    let open = format!(
        " let woven: Box<dyn {bound} + '_> = if crate::mutant::on({number}) {{ Box::new({}) }} else {{ Box::new({{",
        mutant.replacement
    );
    let close =
        Piece { order: Order::closing(inside.start), ..Piece::at(plain_end, site.clone(), 0, "}) }; woven".into()) };
    vec![Piece::at(inside.start, site.clone(), number, open), close]
}

/// Text that is put in at a place.
struct Piece {
    at: usize,
    order: Order,
    site: Range<usize>,
    /// Of its mutant; 0 for the parts that belong to none.
    number: usize,
    text: String,
}

/// Of pieces at one place: those that close come first, the inner before the outer; of those that open, the outer.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Order(bool, std::cmp::Reverse<usize>);

impl Order {
    fn opening(end: usize) -> Order {
        Order(true, std::cmp::Reverse(end))
    }

    fn closing(start: usize) -> Order {
        Order(false, std::cmp::Reverse(start))
    }
}

impl Piece {
    fn at(at: usize, site: Range<usize>, number: usize, text: String) -> Piece {
        Piece { at, order: Order::opening(usize::MAX), site, number, text }
    }
}

fn assemble(text: &str, mut pieces: Vec<Piece>) -> Woven {
    pieces.sort_by(|one, other| (one.at, &one.order).cmp(&(other.at, &other.order)));
    let moved = |place: usize| {
        place + pieces.iter().filter(|piece| piece.at < place).map(|piece| piece.text.len()).sum::<usize>()
    };
    let mut woven = String::new();
    let mut parts = Vec::new();
    let mut done = 0;
    for piece in &pieces {
        woven.push_str(&text[done..piece.at]);
        done = piece.at;
        let own = woven.len()..woven.len() + piece.text.len();
        if piece.number > 0 {
            parts.push(Part { number: piece.number, own, site: moved(piece.site.start)..moved(piece.site.end) });
        }
        woven.push_str(&piece.text);
    }
    woven.push_str(&text[done..]);
    Woven { text: woven, parts }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Binary,
    Unary,
    Struct,
    Guard,
    /// Up to the end of its pattern.
    Arm,
    /// The guard of an arm.
    GuardedArm,
    Body,
}

/// The places of a file where a mutant can be put.
#[derive(Default)]
struct Sites(Vec<(Kind, Range<usize>, Range<usize>)>);

impl Sites {
    /// `whole` is where a mutant is looked for, `site` what is wrapped.
    fn add(&mut self, kind: Kind, whole: Range<usize>, site: Range<usize>) {
        self.0.push((kind, whole, site));
    }

    /// The smallest of the right kind around a mutant.
    fn find(&self, genre: &str, range: &Range<usize>) -> Option<(Kind, Range<usize>)> {
        let kinds: &[Kind] = match genre {
            "BinaryOperator" => &[Kind::Binary],
            "UnaryOperator" => &[Kind::Unary],
            "StructField" => &[Kind::Struct],
            "MatchArmGuard" => &[Kind::Guard],
            "MatchArm" => &[Kind::Arm, Kind::GuardedArm],
            "FnValue" => &[Kind::Body],
            _ => &[],
        };
        let around = self
            .0
            .iter()
            .filter(|(kind, whole, _)| kinds.contains(kind) && whole.start <= range.start && range.end <= whole.end);
        around.min_by_key(|(_, whole, _)| whole.len()).map(|(kind, _, site)| (*kind, site.clone()))
    }
}

impl<'a> Visit<'a> for Sites {
    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        let range = item.block.span().byte_range();
        self.add(Kind::Body, range.clone(), range);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        let range = item.block.span().byte_range();
        self.add(Kind::Body, range.clone(), range);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_expr_binary(&mut self, expr: &'a syn::ExprBinary) {
        let range = expr.span().byte_range();
        self.add(Kind::Binary, range.clone(), range);
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &'a syn::ExprUnary) {
        let range = expr.span().byte_range();
        self.add(Kind::Unary, range.clone(), range);
        visit::visit_expr_unary(self, expr);
    }

    fn visit_expr_struct(&mut self, expr: &'a syn::ExprStruct) {
        let range = expr.span().byte_range();
        self.add(Kind::Struct, range.clone(), range);
        visit::visit_expr_struct(self, expr);
    }

    fn visit_arm(&mut self, arm: &'a syn::Arm) {
        let whole = arm.span().byte_range();
        match &arm.guard {
            Some((_, guard)) => {
                let range = guard.span().byte_range();
                self.add(Kind::Guard, range.clone(), range.clone());
                self.add(Kind::GuardedArm, whole, range);
            }
            None => self.add(Kind::Arm, whole, arm.pat.span().byte_range()),
        }
        visit::visit_arm(self, arm);
    }
}
