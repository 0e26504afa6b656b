//! Which keyspace events are published.

use keyspace::Class;

use super::{Given, Kind};
use crate::config::Refusal;

/// The classes that are published, and on which of the two channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventClasses {
    /// Bits by the position in [`EventClasses::LETTERS`].
    classes: u16,
    /// Publish on the channel of the key.
    pub by_key: bool,
    /// Publish on the channel of the event.
    pub by_event: bool,
}

impl EventClasses {
    /// The letters of the classes in the order in which they are printed. `d` is for events of modules, which there are
    /// none of.
    const LETTERS: &'static [u8] = b"g$lshzxetdnm";
    /// The classes that `A` stands for: those before `n`.
    const ALL: u16 = (1 << 10) - 1;
    /// `m`, which is printed last.
    const MISSES: u16 = 1 << 11;

    /// Whether events of a class are published.
    #[inline]
    pub fn has(self, class: Class) -> bool {
        self.bit_of(class as u8).is_some_and(|bit| self.classes & bit != 0)
    }

    /// Whether some event could be published.
    pub fn is_active(self) -> bool {
        self.classes != 0 && (self.by_key || self.by_event)
    }

    fn bit_of(self, letter: u8) -> Option<u16> {
        Self::LETTERS.iter().position(|&other| other == letter).map(|position| 1 << position)
    }

    fn add(&mut self, letter: u8) -> Option<()> {
        match letter {
            b'A' => self.classes |= Self::ALL,
            b'K' => self.by_key = true,
            b'E' => self.by_event = true,
            _ => self.classes |= self.bit_of(letter)?,
        }
        Some(())
    }
}

impl Kind for EventClasses {
    type Value = Self;

    fn parse(given: &Given<'_, Self>) -> Result<Self, Refusal> {
        let mut classes = Self::default();
        for &letter in given.word() {
            classes
                .add(letter)
                .ok_or(Refusal::new("Invalid event class character. Use 'Ag$lshzxeKEtmdn'."))?;
        }
        Ok(classes)
    }

    fn print(value: &Self) -> Vec<u8> {
        let has_all = value.classes & Self::ALL == Self::ALL;
        let mut text = Vec::new();
        if has_all {
            text.push(b'A');
        }
        for (position, &letter) in Self::LETTERS.iter().enumerate() {
            // With `A`, Redis does not print `n` either.
            let bit = 1 << position;
            if value.classes & bit != 0 && bit != Self::MISSES && !has_all {
                text.push(letter);
            }
        }
        let last = [(value.by_key, b'K'), (value.by_event, b'E'), (value.classes & Self::MISSES != 0, b'm')];
        text.extend(last.into_iter().filter_map(|(is_set, letter)| is_set.then_some(letter)));
        text
    }

    fn accepts() -> String {
        "letters: K and E for the channels of keys and of events, then the classes, or A for most of them; \"\" for none"
            .to_owned()
    }

    fn write(value: &Self) -> Vec<u8> {
        stdx::bytes::quoted(&Self::print(value)).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::option::Source;

    fn parse(text: &str) -> Option<EventClasses> {
        let (words, present) = ([text.as_bytes()], EventClasses::default());
        let given = Given {
            name: "notify-keyspace-events",
            words: &words,
            present: &present,
            source: Source::Command,
        };
        EventClasses::parse(&given).ok()
    }

    fn printed(text: &str) -> String {
        parse(text)
            .map_or_else(String::new, |classes| String::from_utf8(EventClasses::print(&classes)).unwrap())
    }

    /// As Redis prints them.
    #[test]
    fn are_printed_in_their_order() {
        for (given, shown) in [
            ("KEA", "AKE"),
            ("KEg$", "g$KE"),
            ("Egnm", "gnEm"),
            ("An", "A"),
            ("mKAE", "AKEm"),
            ("KEg$lshzxetd", "AKE"),
            ("KEg$lshzxet", "g$lshzxetKE"),
            ("nK", "nK"),
            ("Kd", "dK"),
            ("", ""),
        ] {
            assert_eq!(printed(given), shown, "{given}");
        }
        assert!(parse("KEq").is_none());
    }

    #[test]
    fn need_a_channel_and_a_class() {
        let is_active = |text| parse(text).expect("valid").is_active();
        assert!(is_active("Kg") && is_active("Em") && !is_active("KE") && !is_active("A") && !is_active(""));
        let classes = parse("KA").expect("valid");
        assert!(classes.has(Class::Expired) && !classes.has(Class::KeyMiss) && !classes.has(Class::New));
    }
}
