//! The text of INFO, taken apart.

/// The fields of an INFO reply in their order.
#[derive(Clone, Debug)]
pub struct Info {
    fields: Vec<(String, String)>,
}

impl Info {
    /// Takes the text of INFO apart; section titles and empty lines fall away.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let fields = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim_end().to_owned()))
            .collect();
        Self { fields }
    }

    /// A field's text; empty if there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// A field's number; panics if it is missing or none.
    #[track_caller]
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        let text = self.text(name);
        text.parse().unwrap_or_else(|_| panic!("INFO field {name} is not a number: {text:?}"))
    }

    /// The names of the fields in their order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.fields.iter().map(|(name, _)| name.as_str()).collect()
    }
}
