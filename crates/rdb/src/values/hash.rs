//! Hashes in files: as one listpack, or field by field, with or without expiries.

use std::io::Read;

use datatypes::collection::Collection;
use datatypes::hash::{DamagedHash, Expiry, Hash, LATEST_EXPIRY_MS};
use encodings::listpack::Element;

use crate::encoder::Encoder;
use crate::error::RdbError;
use crate::format::{VERSION_WITH_LISTPACKS, VERSIONS_VALKEY, type_code};
use crate::legacy::ziplist::Ziplist;
use crate::legacy::zipmap;
use crate::skip::Dialect;
use crate::source::Source;
use crate::values::Reading;
use crate::version::holds_field_expiries;

/// Stands in the place of a field's expiry in Valkey's layout when it has none.
const NEVER_VALKEY: i64 = -1;

/// Whether the layout is to be that of Valkey.
fn is_for_valkey(version: u32) -> bool {
    VERSIONS_VALKEY.contains(&version)
}

/// In a version that has no layout for expiries the fields stand without: it is for readers that know of none.
pub(super) fn code_of(hash: &Hash, version: u32) -> u8 {
    match (hash.packed_bytes(), hash.nearest_expiry_ms()) {
        _ if version < VERSION_WITH_LISTPACKS => type_code::HASH,
        (Some((_, false)), _) => type_code::HASH_LISTPACK,
        (_, None) => type_code::HASH,
        _ if !holds_field_expiries(version) => type_code::HASH,
        _ if is_for_valkey(version) => type_code::HASH_EXPIRING_22,
        (Some((_, true)), _) => type_code::HASH_LISTPACK_EXPIRING,
        (None, _) => type_code::HASH_EXPIRING,
    }
}

pub(super) fn write(encoder: &mut Encoder, hash: &Hash) {
    match (hash.packed_bytes(), hash.nearest_expiry_ms()) {
        _ if encoder.version() < VERSION_WITH_LISTPACKS => write_each(encoder, hash, &|_, _| {}),
        (Some((listpack, false)), _) => encoder.string(listpack),
        (_, None) => write_each(encoder, hash, &|_, _| {}),
        _ if !holds_field_expiries(encoder.version()) => write_each(encoder, hash, &|_, _| {}),
        _ if is_for_valkey(encoder.version()) => write_for_valkey(encoder, hash),
        (Some((listpack, true)), Some(nearest_ms)) => {
            encoder.raw(&nearest_ms.to_le_bytes());
            encoder.string(listpack);
        }
        (None, Some(nearest_ms)) => {
            encoder.raw(&nearest_ms.to_le_bytes());
            // Relative to the nearest and from one on: zero stands for none.
            write_each(encoder, hash, &|encoder, expire_at_ms| {
                let after = expire_at_ms.map_or(0, |at_ms| at_ms.wrapping_sub(nearest_ms).wrapping_add(1));
                encoder.length(after.cast_unsigned());
            });
        }
    }
}

/// Writes the number of fields, and for each what `before` writes, its name and its value.
fn write_each(encoder: &mut Encoder, hash: &Hash, before: &dyn Fn(&mut Encoder, Option<i64>)) {
    encoder.length(hash.len() as u64);
    let mut text = Vec::new();
    for field in hash.iter() {
        before(encoder, field.expire_at_ms);
        for element in [field.name, field.value] {
            text.clear();
            element.write_to(&mut text);
            encoder.string(&text);
        }
    }
}

fn write_for_valkey(encoder: &mut Encoder, hash: &Hash) {
    encoder.length(hash.len() as u64);
    for field in hash.iter() {
        encoder.string(&field.name.to_vec());
        encoder.string(&field.value.to_vec());
        encoder.raw(&field.expire_at_ms.unwrap_or(NEVER_VALKEY).to_le_bytes());
    }
}

pub(super) fn read<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<Hash, RdbError> {
    use type_code::{
        HASH, HASH_EXPIRING, HASH_EXPIRING_22, HASH_LISTPACK, HASH_LISTPACK_EXPIRING, HASH_ZIPLIST,
        HASH_ZIPMAP,
    };
    match reading.code {
        HASH => read_fields(source, reading, Layout::Plain),
        HASH_EXPIRING_22 if reading.dialect == Dialect::Valkey => {
            read_fields(source, reading, Layout::Valkey)
        }
        HASH_EXPIRING_22 => read_fields(source, reading, Layout::Absolute),
        HASH_EXPIRING => {
            let nearest_ms = i64::from_le_bytes(source.array()?);
            read_fields(source, reading, Layout::Relative(nearest_ms))
        }
        HASH_LISTPACK => read_packed(source, reading, false),
        HASH_LISTPACK_EXPIRING => {
            source.skip_bytes(8)?;
            read_packed(source, reading, true)
        }
        HASH_ZIPLIST => read_pairs(source, reading, |bytes| {
            Ziplist::new(bytes).map(|words| words.map(Element::to_vec).collect())
        }),
        HASH_ZIPMAP => read_pairs(source, reading, zipmap::elements),
        // The release candidate's form of a small hash.
        _ => read_packed(source, reading, true),
    }
}

fn read_packed<R: Read>(
    source: &mut Source<R>,
    reading: Reading,
    has_expiries: bool,
) -> Result<Hash, RdbError> {
    let mut bytes = Vec::new();
    source.string(&mut bytes)?;
    let hash = Hash::from_packed_bytes(&bytes, has_expiries, reading.limits.hash);
    hash.map_err(|damaged| reading.damaged(damaged.text()))
}

/// How the expiry of a field stands beside it.
#[derive(Clone, Copy)]
enum Layout {
    /// Not at all.
    Plain,
    /// Before the name, as a length: the time, 0 for none.
    Absolute,
    /// Before the name, as a length: one more than what it is behind this time, 0 for none.
    Relative(i64),
    /// Behind the value: the time in eight bytes, -1 for none.
    Valkey,
}

impl Layout {
    /// What stands before the name.
    fn before<R: Read>(self, source: &mut Source<R>, reading: Reading) -> Result<Option<i64>, RdbError> {
        let base_ms = match self {
            Layout::Plain | Layout::Valkey => return Ok(None),
            Layout::Absolute => 0,
            // The nearest itself is written as 1.
            Layout::Relative(nearest_ms) => {
                nearest_ms.checked_sub(1).ok_or(reading.damaged(DamagedHash::Expiry.text()))?
            }
        };
        let after = source.length()?;
        if after == 0 {
            return Ok(None);
        }
        let at_ms = i64::try_from(after).ok().and_then(|after| base_ms.checked_add(after));
        at_ms
            .filter(|at_ms| (1..=LATEST_EXPIRY_MS).contains(at_ms))
            .map(Some)
            .ok_or(reading.damaged(DamagedHash::Expiry.text()))
    }

    /// What stands behind the value.
    fn behind<R: Read>(self, source: &mut Source<R>, reading: Reading) -> Result<Option<i64>, RdbError> {
        if !matches!(self, Layout::Valkey) {
            return Ok(None);
        }
        match i64::from_le_bytes(source.array()?) {
            NEVER_VALKEY => Ok(None),
            // Valkey takes any time; nobody will see the difference.
            at_ms if at_ms > 0 => Ok(Some(at_ms.min(LATEST_EXPIRY_MS))),
            _ => Err(reading.damaged(DamagedHash::Expiry.text())),
        }
    }
}

fn read_fields<R: Read>(source: &mut Source<R>, reading: Reading, layout: Layout) -> Result<Hash, RdbError> {
    let count = source.length()?;
    let mut hash = Hash::with_expected(usize::try_from(count).unwrap_or(usize::MAX), reading.limits.hash);
    let (mut name, mut value) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let before = layout.before(source, reading)?;
        source.string(&mut name)?;
        source.string(&mut value)?;
        let expire_at_ms = before.or(layout.behind(source, reading)?);
        let expiry = expire_at_ms.map_or(Expiry::Clear, Expiry::At);
        if !hash.set(&name, &value, expiry, reading.limits.hash) {
            return Err(reading.damaged(DamagedHash::Duplicate.text()));
        }
    }
    if hash.is_empty() { Err(reading.damaged(DamagedHash::Incomplete.text())) } else { Ok(hash) }
}

/// Takes a string that holds names and values by turns, in an encoding that is not used any more.
fn read_pairs<R: Read>(
    source: &mut Source<R>,
    reading: Reading,
    elements: impl FnOnce(&[u8]) -> Option<Vec<Vec<u8>>>,
) -> Result<Hash, RdbError> {
    let mut bytes = Vec::new();
    source.string(&mut bytes)?;
    let elements = elements(&bytes).ok_or(reading.damaged("its compact form is damaged"))?;
    let (pairs, rest) = elements.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return Err(reading.damaged(DamagedHash::Incomplete.text()));
    }
    let mut hash = Hash::default();
    for [name, value] in pairs {
        if !hash.set(name, value, Expiry::Clear, reading.limits.hash) {
            return Err(reading.damaged(DamagedHash::Duplicate.text()));
        }
    }
    Ok(hash)
}
