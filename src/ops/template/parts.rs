//! Puts a template together with those that it refers to.

use super::found::{Found, all_of};
use super::nearest;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader, hash_object};
use crate::ops::{OpError, Repo};
use crate::template::{DEEPEST, LARGEST_RENDERED, MOST_PARTS, Template, TemplateError};

/// The template and its version, for one that was found.
pub(super) fn complete(repo: &Repo, name: &str, found: &Found) -> Result<(Template, ObjectId), OpError> {
    let mut assembly = Assembly { repo, name, root: found, chain: Vec::new(), parts: 0, bytes: 0 };
    let (template, version) = assembly.add(name, found)?;
    template.check()?;
    Ok((template, version))
}

struct Assembly<'a> {
    repo: &'a Repo,
    name: &'a str,
    root: &'a Found,
    /// Name and origin of each template on the way to the present one.
    chain: Vec<(String, &'static str)>,
    parts: usize,
    bytes: usize,
}

impl Assembly<'_> {
    fn add(&mut self, name: &str, found: &Found) -> Result<(Template, ObjectId), OpError> {
        self.count(name, found)?;
        let mut template = found.parse(name)?;
        let mut version = hash_object(self.repo.store.hash_kind(), ObjectKind::Blob, &found.bytes);
        let mut parts = String::new();
        self.chain.push((name.to_owned(), found.origin.word()));
        for reference in template.references().to_vec() {
            let Some(next) = self.find(name, found, &reference.name)? else {
                let (place, nearest) = (template.place_of(&reference), nearest(self.repo, &reference.name)?);
                return Err(TemplateError::UnknownReference { place, name: reference.name, nearest }.into());
            };
            let (part, id) = self.add(&reference.name, &next)?;
            parts.push_str(&format!("{} {id}\n", reference.name));
            template.attach(&reference.name, part);
        }
        self.chain.pop();
        if !parts.is_empty() {
            version =
                hash_object(self.repo.store.hash_kind(), ObjectKind::Blob, format!("{version}\n{parts}").as_bytes());
        }
        Ok((template, version))
    }

    fn count(&mut self, name: &str, found: &Found) -> Result<(), TemplateError> {
        let template = self.name.to_owned();
        let link = (name.to_owned(), found.origin.word());
        if let Some(start) = self.chain.iter().position(|one| *one == link) {
            let chain = self.chain[start..].iter().map(|(name, _)| name.clone()).chain([name.to_owned()]).collect();
            return Err(TemplateError::Cycle { chain });
        }
        if self.chain.len() >= DEEPEST {
            return Err(TemplateError::TooDeep { template, limit: DEEPEST });
        }
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err(TemplateError::TooManyParts { template, limit: MOST_PARTS });
        }
        self.bytes += found.bytes.len();
        if self.bytes > LARGEST_RENDERED {
            return Err(TemplateError::TooLarge { template, limit: LARGEST_RENDERED });
        }
        Ok(())
    }

    /// A template that refers to its own name means the one that it shadows.
    fn find(&self, name: &str, found: &Found, wanted: &str) -> Result<Option<Found>, OpError> {
        let Ok(wanted_name) = wanted.parse() else { return Ok(None) };
        let all = all_of(self.repo, &wanted_name)?;
        if wanted != name {
            // The one that is put together may not be stored yet.
            let is_root = wanted == self.name;
            return Ok(if is_root { Some(self.root.clone()) } else { all.into_iter().next() });
        }
        let mut below = all.into_iter().filter(|one| one.origin.rank() > found.origin.rank());
        // With nothing below it is a cycle, and said as one.
        Ok(below.next().or_else(|| Some(found.clone())))
    }
}
