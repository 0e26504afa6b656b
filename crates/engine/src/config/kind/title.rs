//! The title that `ps` shows for the process.

use stdx::bytes::quoted;

use super::{Given, Kind};
use crate::config::Refusal;

/// A template with names in braces; two opening braces stand for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleTemplate(String);

impl TitleTemplate {
    /// The names that may stand in braces.
    pub const VARIABLES: [&'static str; 7] =
        ["title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file"];

    /// A template, or None when it is empty, has an unknown name or an open brace.
    pub fn new(text: &str) -> Option<Self> {
        let template = Self(text.to_owned());
        let is_known = |name: &str| Self::VARIABLES.contains(&name).then(String::new);
        (!text.is_empty() && template.expanded(is_known).is_some()).then_some(template)
    }

    /// The title, with `value_of(name)` for each name in braces.
    pub fn expand(&self, value_of: impl Fn(&str) -> String) -> String {
        self.expanded(|name| Some(value_of(name))).unwrap_or_default()
    }

    /// The template as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn expanded(&self, value_of: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut title = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, behind)) = rest.split_once('{') {
            title.push_str(before);
            if let Some(behind) = behind.strip_prefix('{') {
                title.push('{');
                rest = behind;
            } else {
                let (name, behind) = behind.split_once('}')?;
                title.push_str(&value_of(name)?);
                rest = behind;
            }
        }
        title.push_str(rest);
        Some(title)
    }
}

/// A [`TitleTemplate`].
pub enum TitleText {}

impl Kind for TitleText {
    type Value = TitleTemplate;

    fn parse(given: &Given<'_, TitleTemplate>) -> Result<TitleTemplate, Refusal> {
        TitleTemplate::new(given.text()?)
            .ok_or(Refusal::new("template format is invalid or contains unknown variables"))
    }

    fn print(value: &TitleTemplate) -> Vec<u8> {
        value.0.clone().into_bytes()
    }

    fn write(value: &TitleTemplate) -> Vec<u8> {
        quoted(value.0.as_bytes()).into_bytes()
    }

    fn accepts() -> String {
        format!("text with any of {{{}}}", TitleTemplate::VARIABLES.join("}, {"))
    }
}
