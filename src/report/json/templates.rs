//! `ckpt.templates/1`, `ckpt.template/1` and what changes them; `ckpt.template-trust/1`.

use serde::Serialize;

use super::parts::PathText;
use crate::model::id::ObjectId;
use crate::ops::template::change::{Exported, Removed, Stored};
use crate::ops::template::compare::ComparedTemplate;
use crate::ops::template::trust::Trusted;
use crate::ops::template::{ListedTemplate, Origin, Resolved};

/// Where a template comes from.
#[derive(Debug, Serialize)]
pub struct OriginRow<'a> {
    /// `repository`, `user` or `built-in`.
    pub from: &'static str,
    /// The commit of a version of the repository.
    pub commit: Option<ObjectId>,
    /// The file of the user's own.
    pub path: Option<PathText<'a>>,
}

impl<'a> OriginRow<'a> {
    fn of(origin: &'a Origin) -> OriginRow<'a> {
        let (commit, path) = match origin {
            Origin::Repository { commit } => (Some(*commit), None),
            Origin::User { path } => (None, Some(PathText::of_path(path))),
            Origin::BuiltIn => (None, None),
        };
        OriginRow { from: origin.word(), commit, path }
    }
}

fn rows(origins: &[Origin]) -> Vec<OriginRow<'_>> {
    origins.iter().map(OriginRow::of).collect()
}

/// `ckpt.templates/1`: all templates.
#[derive(Debug, Serialize)]
pub struct TemplatesDocument<'a> {
    /// `ckpt.templates/1`.
    pub schema: &'static str,
    pub templates: Vec<TemplateRow<'a>>,
}

/// One of them.
#[derive(Debug, Serialize)]
pub struct TemplateRow<'a> {
    pub name: &'a str,
    pub origin: OriginRow<'a>,
    /// Templates of the same name that it hides.
    pub hides: Vec<OriginRow<'a>>,
    /// `null` where it makes no sense.
    pub description: Option<&'a str>,
    /// What is wrong with it.
    pub problem: Option<&'a str>,
}

impl<'a> TemplatesDocument<'a> {
    pub fn of(templates: &'a [ListedTemplate]) -> TemplatesDocument<'a> {
        let row = |listed: &'a ListedTemplate| TemplateRow {
            name: listed.name.as_str(),
            origin: OriginRow::of(&listed.origin),
            hides: rows(&listed.shadows),
            description: listed.description.as_deref().ok(),
            problem: listed.description.as_ref().err().map(String::as_str),
        };
        TemplatesDocument { schema: "ckpt.templates/1", templates: templates.iter().map(row).collect() }
    }
}

/// `ckpt.template/1`: one template.
#[derive(Debug, Serialize)]
pub struct TemplateDocument<'a> {
    /// `ckpt.template/1`.
    pub schema: &'static str,
    pub name: &'a str,
    pub origin: OriginRow<'a>,
    pub hides: Vec<OriginRow<'a>>,
    /// Changes with its text, and with that of the templates that it refers to.
    pub version: ObjectId,
    /// Its commands may run.
    pub trusted: bool,
    pub description: &'a str,
    /// How the git branch of a session is called, before values are filled in.
    pub branch: Option<&'a str>,
    /// What that branch begins from.
    pub branch_from: Option<&'a str>,
    pub variables: Vec<VariableRow<'a>>,
    /// Names of the templates that it extends or includes.
    pub parts: Vec<&'a str>,
    /// All of it, the front matter too.
    pub text: &'a str,
}

/// A variable.
#[derive(Debug, Serialize)]
pub struct VariableRow<'a> {
    pub name: &'a str,
    pub prompt: Option<&'a str>,
    /// Before values are filled in.
    pub default: Option<&'a str>,
    /// A regular expression that the whole value has to match.
    pub pattern: Option<&'a str>,
    pub required: bool,
}

impl<'a> TemplateDocument<'a> {
    pub fn of(shown: &'a Resolved, trusted: bool) -> TemplateDocument<'a> {
        let template = &shown.template;
        let variables = template.variables().map(|variable| VariableRow {
            name: &variable.name,
            prompt: variable.prompt.as_deref(),
            default: variable.default.as_deref(),
            pattern: variable.pattern.as_deref(),
            required: variable.required,
        });
        TemplateDocument {
            schema: "ckpt.template/1",
            name: shown.name.as_str(),
            origin: OriginRow::of(&shown.origin),
            hides: rows(&shown.shadows),
            version: shown.version,
            trusted,
            description: template.description(),
            branch: template.branch_rule().map(|(name, _)| name),
            branch_from: template.branch_rule().and_then(|(_, from)| from),
            variables: variables.collect(),
            parts: template.parts().map(|(name, _)| name).collect(),
            text: template.text(),
        }
    }
}

/// `ckpt.template-stored/1`: a template that was made or changed.
#[derive(Debug, Serialize)]
pub struct StoredDocument<'a> {
    /// `ckpt.template-stored/1`.
    pub schema: &'static str,
    pub name: &'a str,
    pub version: ObjectId,
    /// The commit of the version before.
    pub previous: Option<ObjectId>,
    /// Nothing was stored: it was so already.
    pub unchanged: bool,
    pub hides: Vec<OriginRow<'a>>,
}

impl<'a> StoredDocument<'a> {
    pub fn of(stored: &'a Stored) -> StoredDocument<'a> {
        StoredDocument {
            schema: "ckpt.template-stored/1",
            name: stored.name.as_str(),
            version: stored.version,
            previous: stored.previous,
            unchanged: stored.unchanged,
            hides: rows(&stored.shadows),
        }
    }
}

/// `ckpt.template-removed/1`: a template that was removed.
#[derive(Debug, Serialize)]
pub struct RemovedDocument<'a> {
    /// `ckpt.template-removed/1`.
    pub schema: &'static str,
    pub name: &'a str,
    /// The commit of its last version.
    pub commit: ObjectId,
    /// What the name means now.
    pub now: Option<OriginRow<'a>>,
}

impl<'a> RemovedDocument<'a> {
    pub fn of(removed: &'a Removed) -> RemovedDocument<'a> {
        let now = removed.uncovers.as_ref().map(OriginRow::of);
        let name = removed.name.as_str();
        RemovedDocument { schema: "ckpt.template-removed/1", name, commit: removed.commit, now }
    }
}

/// `ckpt.template-exported/1`: a template that was written to a file.
#[derive(Debug, Serialize)]
pub struct ExportedDocument<'a> {
    /// `ckpt.template-exported/1`.
    pub schema: &'static str,
    pub name: &'a str,
    pub origin: OriginRow<'a>,
    pub path: PathText<'a>,
}

impl<'a> ExportedDocument<'a> {
    pub fn of(exported: &'a Exported) -> ExportedDocument<'a> {
        ExportedDocument {
            schema: "ckpt.template-exported/1",
            name: exported.name.as_str(),
            origin: OriginRow::of(&exported.origin),
            path: PathText::of_path(&exported.path),
        }
    }
}

/// `ckpt.template-diff/1`: two texts of a template.
#[derive(Debug, Serialize)]
pub struct DiffDocument<'a> {
    /// `ckpt.template-diff/1`.
    pub schema: &'static str,
    pub name: &'a str,
    /// What the older text is, in words.
    pub from: &'a str,
    pub to: &'a str,
    pub same: bool,
    /// Unified hunks; empty where both are the same.
    pub patch: String,
}

impl<'a> DiffDocument<'a> {
    pub fn of(compared: &'a ComparedTemplate, patch: &[u8]) -> DiffDocument<'a> {
        DiffDocument {
            schema: "ckpt.template-diff/1",
            name: compared.name.as_str(),
            from: &compared.from.label,
            to: &compared.to.label,
            same: compared.from.text == compared.to.text,
            patch: String::from_utf8_lossy(patch).into_owned(),
        }
    }
}

/// `ckpt.template-trust/1`: what may run.
#[derive(Debug, Serialize)]
pub struct TrustDocument<'a> {
    /// `ckpt.template-trust/1`.
    pub schema: &'static str,
    pub name: &'a str,
    /// The version that is trusted; `null` when trust was taken back.
    pub version: Option<ObjectId>,
    /// The commands that may run.
    pub commands: &'a [String],
    /// It was so already.
    pub unchanged: bool,
}

impl<'a> TrustDocument<'a> {
    pub fn of(trusted: &'a Trusted) -> TrustDocument<'a> {
        TrustDocument {
            schema: "ckpt.template-trust/1",
            name: trusted.name.as_str(),
            version: Some(trusted.version),
            commands: &trusted.commands,
            unchanged: trusted.unchanged,
        }
    }

    pub fn taken_back(name: &'a str, versions: usize) -> TrustDocument<'a> {
        let unchanged = versions == 0;
        TrustDocument { schema: "ckpt.template-trust/1", name, version: None, commands: &[], unchanged }
    }
}
