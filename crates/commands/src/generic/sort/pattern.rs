//! Names of keys made from an element: `weight_*`.

use crate::prelude::*;
use datatypes::hash::Hash;

/// A pattern with a place for an element.
pub(super) struct Pattern<'a> {
    before: &'a [u8],
    after: &'a [u8],
    /// The field of a hash that is meant, where the key holds one.
    field: Option<&'a [u8]>,
}

impl<'a> Pattern<'a> {
    /// None if there is no `*` in it.
    pub(super) fn parse(text: &'a [u8]) -> Option<Pattern<'a>> {
        let star = text.iter().position(|&byte| byte == b'*')?;
        let (before, rest) = (&text[..star], &text[star + 1..]);
        let arrow = rest.windows(2).position(|pair| pair == b"->");
        let (after, field) = match arrow {
            Some(at) if at + 2 < rest.len() => (&rest[..at], Some(&rest[at + 2..])),
            _ => (rest, None),
        };
        Some(Pattern { before, after, field })
    }

    /// What the key named after an element holds; none if it is not there or of another type.
    pub(super) fn value(&self, ctx: &mut Context<'_>, element: &[u8]) -> Option<Vec<u8>> {
        let key = [self.before, element, self.after].concat();
        let now_ms = ctx.now_ms();
        let entry = ctx.keys.look_up(&key, Lookup::Read)?;
        let Some(name) = self.field else { return entry.string().map(<[u8]>::to_vec) };
        let field = entry.collection::<Hash>()?.get(name).filter(|field| !field.is_expired(now_ms))?;
        Some(field.value.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    type Parts<'a> = (&'a [u8], &'a [u8], Option<&'a [u8]>);

    fn parts(text: &str) -> Option<Parts<'_>> {
        Pattern::parse(text.as_bytes()).map(|pattern| (pattern.before, pattern.after, pattern.field))
    }

    #[test]
    fn parts_of_a_name() {
        assert_eq!(parts("nosort"), None);
        assert_eq!(parts("w_*"), Some((&b"w_"[..], &b""[..], None)));
        assert_eq!(parts("a*b*->f"), Some((&b"a"[..], &b"b*"[..], Some(&b"f"[..]))));
        assert_eq!(parts("*->"), Some((&b""[..], &b"->"[..], None)));
    }
}
