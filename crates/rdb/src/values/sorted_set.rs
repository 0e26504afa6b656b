//! Sorted sets: one listpack, or members with their scores as doubles. Read are also scores as text (before Redis 4.0) and
//! ziplists (before Redis 7.0).

use std::io::Read;

use datatypes::sorted_set::SortedSet;
use encodings::listpack::{Element, Listpack};
use stdx::number;

use crate::encoder::Encoder;
use crate::error::RdbError;
use crate::format::type_code::{SORTED_SET, SORTED_SET_2, SORTED_SET_LISTPACK, SORTED_SET_ZIPLIST};
use crate::format::{VERSION_WITH_DOUBLES, VERSION_WITH_LISTPACKS};
use crate::legacy::ziplist::Ziplist;
use crate::source::Source;
use crate::values::Reading;

/// The lengths that stand for scores that are not finite, where a score is text.
mod score_length {
    pub(super) const NEGATIVE_INFINITY: u8 = 255;
    pub(super) const INFINITY: u8 = 254;
    pub(super) const NAN: u8 = 253;
}

pub(super) fn code_of(set: &SortedSet, version: u32) -> u8 {
    match version {
        ..VERSION_WITH_DOUBLES => SORTED_SET,
        VERSION_WITH_LISTPACKS.. if set.as_listpack().is_some() => SORTED_SET_LISTPACK,
        _ => SORTED_SET_2,
    }
}

/// Elements are written from the highest score down, as Redis does: so each is put in front of those that were read.
pub(super) fn write(encoder: &mut Encoder, set: &SortedSet) {
    let version = encoder.version();
    if let Some(listpack) = set.as_listpack().filter(|_| version >= VERSION_WITH_LISTPACKS) {
        return encoder.string(listpack.as_bytes());
    }
    encoder.length(set.len() as u64);
    set.descend(0..set.len(), &mut |member, score| {
        encoder.string(member);
        if version < VERSION_WITH_DOUBLES {
            write_text_score(encoder, score);
        } else {
            encoder.raw(&score.to_le_bytes());
        }
    });
}

fn write_text_score(encoder: &mut Encoder, score: f64) {
    if score.is_infinite() {
        let length = if score > 0.0 { score_length::INFINITY } else { score_length::NEGATIVE_INFINITY };
        return encoder.raw(&[length]);
    }
    // With an exponent it is never longer than the length's byte can tell.
    let text = format!("{score:e}");
    encoder.raw(&[text.len() as u8]);
    encoder.raw(text.as_bytes());
}

pub(super) fn read<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<SortedSet, RdbError> {
    let limits = reading.limits.sorted_set;
    let mut bytes = Vec::new();
    let elements = match reading.code {
        SORTED_SET_LISTPACK => {
            source.string(&mut bytes)?;
            let listpack = Listpack::from_bytes(&bytes).map_err(|_| reading.damaged("not a listpack"))?;
            let set = SortedSet::from_listpack(listpack, limits);
            let set = set.ok_or_else(|| reading.damaged("members and scores are not in order"))?;
            return if set.is_empty() { Err(reading.damaged("it is empty")) } else { Ok(set) };
        }
        SORTED_SET_ZIPLIST => {
            source.string(&mut bytes)?;
            of_ziplist(&bytes, reading)?
        }
        _ => one_by_one(source, reading)?,
    };
    let mut members: Vec<&[u8]> = elements.iter().map(|(member, _)| member.as_slice()).collect();
    members.sort_unstable();
    if members.is_empty() || members.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(reading.damaged("it is empty, or a member stands there twice"));
    }
    Ok(SortedSet::from_elements(elements, limits))
}

fn one_by_one<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<Vec<(Vec<u8>, f64)>, RdbError> {
    debug_assert!(matches!(reading.code, SORTED_SET | SORTED_SET_2));
    let count = source.length()?;
    let mut elements = Vec::new();
    for _ in 0..count {
        let mut member = Vec::new();
        source.string(&mut member)?;
        let score = if reading.code == SORTED_SET_2 {
            f64::from_le_bytes(source.array()?)
        } else {
            text_score(source, reading)?
        };
        if score.is_nan() {
            return Err(reading.damaged("a score is NaN"));
        }
        elements.push((member, score));
    }
    Ok(elements)
}

fn text_score<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<f64, RdbError> {
    let length = match source.byte()? {
        score_length::NEGATIVE_INFINITY => return Ok(f64::NEG_INFINITY),
        score_length::INFINITY => return Ok(f64::INFINITY),
        score_length::NAN => return Err(reading.damaged("a score is NaN")),
        length => length,
    };
    let mut text = Vec::with_capacity(usize::from(length));
    for _ in 0..length {
        text.push(source.byte()?);
    }
    number::parse_f64(&text).ok_or_else(|| reading.damaged("a score is no number"))
}

fn of_ziplist(bytes: &[u8], reading: Reading) -> Result<Vec<(Vec<u8>, f64)>, RdbError> {
    let damaged = || reading.damaged("not a ziplist of members and scores");
    let words: Vec<Vec<u8>> = Ziplist::new(bytes).ok_or_else(damaged)?.map(Element::to_vec).collect();
    let (pairs, rest) = words.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(damaged());
    }
    let element = |[member, score]: &[Vec<u8>; 2]| Some((member.clone(), number::parse_f64(score)?));
    pairs.iter().map(|pair| element(pair).ok_or_else(damaged)).collect()
}
