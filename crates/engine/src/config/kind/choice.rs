//! One of a few names.

use crate::config::Refusal;

/// The value of a name, in any case. Several names may have the same value.
pub fn named<T: Copy>(names: &[(&str, T)], word: &[u8]) -> Result<T, Refusal> {
    let found = names.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word));
    found.map(|&(_, value)| value).ok_or_else(|| unknown_name(names.iter().map(|(name, _)| *name)))
}

/// The refusal of a word that is none of the names.
pub(super) fn unknown_name<'a>(names: impl Iterator<Item = &'a str>) -> Refusal {
    Refusal::new(format!(
        "argument(s) must be one of the following: {}",
        names.collect::<Vec<_>>().join(", ")
    ))
}

/// The names in words.
pub fn one_of<T>(names: &[(&str, T)]) -> String {
    let names: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    format!("one of {}", names.join(", "))
}

/// An enum that is its own kind: each name in the file with its variant. The first name of a variant is shown.
macro_rules! choices {
    (
        $(#[doc = $about:literal])+
        $choice:ident { $($(#[doc = $documentation:literal])? $name:literal => $variant:ident,)+ }
    ) => {
        $crate::config::kind::choices!(@variants [$(#[doc = $about])+] $choice
            [$($($documentation => $variant)?)+]
            [$($name => $variant)+]);
    };
    (@variants [$($about:tt)+] $choice:ident [$($documentation:literal => $variant:ident)+]
        [$($name:literal => $named:ident)+]) => {
        $($about)+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $choice {
            $(#[doc = $documentation] $variant,)+
        }

        impl $choice {
            const NAMES: &'static [(&'static str, Self)] = &[$(($name, Self::$named)),+];
        }

        impl $crate::config::kind::Kind for $choice {
            type Value = Self;

            fn parse(
                given: &$crate::config::kind::Given<'_, Self>,
            ) -> Result<Self, $crate::config::Refusal> {
                $crate::config::kind::named(Self::NAMES, given.word())
            }

            fn print(value: &Self) -> Vec<u8> {
                let shown = Self::NAMES.iter().find(|(_, named)| named == value);
                shown.map(|(name, _)| name.as_bytes().to_vec()).unwrap_or_default()
            }

            fn accepts() -> String {
                $crate::config::kind::one_of(Self::NAMES)
            }
        }
    };
}
pub(in crate::config) use choices;
