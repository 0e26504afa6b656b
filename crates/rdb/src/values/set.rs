//! Sets in files: small ones as they lie in memory, large ones as a row of strings.

use std::collections::HashSet;
use std::io::Read;

use datatypes::set::{Form, Set};
use encodings::intset::Intset;
use encodings::listpack::Listpack;

use crate::encoder::Encoder;
use crate::error::RdbError;
use crate::format::type_code;
use crate::source::Source;
use crate::values::Reading;

/// The first version whose readers know sets that are listpacks (Redis 7.2).
const VERSION_WITH_LISTPACK: u32 = 11;

pub(super) fn code_of(set: &Set, version: u32) -> u8 {
    match set.form() {
        Form::Ints(_) => type_code::SET_INTSET,
        Form::Packed(_) if version >= VERSION_WITH_LISTPACK => type_code::SET_LISTPACK,
        Form::Packed(_) | Form::Table(_) => type_code::SET,
    }
}

pub(super) fn write(encoder: &mut Encoder, set: &Set) {
    match set.form() {
        Form::Ints(ints) => encoder.string(ints.as_bytes()),
        Form::Packed(packed) if encoder.version() >= VERSION_WITH_LISTPACK => {
            encoder.string(packed.as_bytes());
        }
        _ => {
            encoder.length(set.len() as u64);
            set.for_each(&mut |member| encoder.string(member));
        }
    }
}

pub(super) fn read<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<Set, RdbError> {
    let set = match reading.code {
        type_code::SET_INTSET => read_ints(source, reading),
        type_code::SET_LISTPACK => read_packed(source, reading),
        _ => read_strings(source, reading),
    }?;
    if set.is_empty() { Err(reading.damaged("it has no member")) } else { Ok(set) }
}

fn read_ints<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<Set, RdbError> {
    let mut bytes = Vec::new();
    source.string(&mut bytes)?;
    let ints = Intset::from_bytes(&bytes).map_err(|_| reading.damaged("an intset is damaged"))?;
    let is_large = ints.len() > reading.limits.set.intset_entries;
    let mut set = Set::from(ints);
    if is_large {
        set.make_table();
    }
    Ok(set)
}

fn read_packed<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<Set, RdbError> {
    let mut bytes = Vec::new();
    source.string(&mut bytes)?;
    let packed = Listpack::from_bytes(&bytes).map_err(|_| reading.damaged("a listpack is damaged"))?;
    let mut seen = HashSet::new();
    if !packed.iter().all(|member| seen.insert(member.to_vec())) {
        return Err(reading.damaged(TWICE));
    }
    let is_large = packed.len() > reading.limits.set.listpack_entries;
    let mut set = Set::from(packed);
    if is_large {
        set.make_table();
    }
    Ok(set)
}

fn read_strings<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<Set, RdbError> {
    let limits = reading.limits.set;
    let (mut set, mut member) = (Set::default(), Vec::new());
    let count = source.length()?;
    if count > limits.intset_entries as u64 {
        set.make_table();
    }
    for _ in 0..count {
        source.string(&mut member)?;
        if !set.add(&member, limits) {
            return Err(reading.damaged(TWICE));
        }
    }
    Ok(set)
}

const TWICE: &str = "a member comes twice";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump;
    use crate::encoder::EncoderOptions;
    use crate::skip::Dialect;
    use datatypes::collection::{Collection, Value, ValueRef};
    use datatypes::limits::Limits;
    use encodings::listpack::Element;

    fn sample(count: usize, prefix: &str) -> Set {
        let mut set = Set::default();
        for number in 0..count {
            set.add(format!("{prefix}{number}").as_bytes(), Limits::DEFAULT.set);
        }
        set
    }

    fn read_code(code: u8, limits: Limits, write: impl FnOnce(&mut Encoder)) -> Result<Set, RdbError> {
        let mut encoder = Encoder::new(EncoderOptions::default());
        write(&mut encoder);
        let bytes = encoder.take();
        let reading = Reading { offset: 0, code, dialect: Dialect::Redis, limits };
        read(&mut Source::new(&bytes[..], false, 1 << 20), reading)
    }

    #[test]
    fn what_is_written_is_read() {
        for set in [sample(5, ""), sample(600, ""), sample(5, "m"), sample(200, "m")] {
            for version in [6, 9, 10, 11, 12] {
                let options = EncoderOptions { version, ..EncoderOptions::default() };
                let payload = dump::write(ValueRef::Set(&set), options);
                let read = dump::read(&payload, Limits::DEFAULT, true).expect("a whole payload");
                let Value::Set(read) = read else { panic!("a set") };
                assert_eq!((read.encoding(), &read), (set.encoding(), &set));
            }
        }
    }

    #[test]
    fn limits_of_the_reader_count() {
        let mut limits = Limits::DEFAULT;
        limits.set.intset_entries = 3;
        limits.set.listpack_entries = 3;
        let ints: Intset = (0..4).collect();
        let packed: Listpack =
            [b"a", b"b", b"c", b"d"].into_iter().map(|text| Element::Bytes(text)).collect();
        let one = read_code(type_code::SET_INTSET, limits, |encoder| encoder.string(ints.as_bytes()));
        let two = read_code(type_code::SET_LISTPACK, limits, |encoder| encoder.string(packed.as_bytes()));
        assert_eq!(
            (one.expect("read").encoding(), two.expect("read").encoding()),
            ("hashtable", "hashtable")
        );
    }

    #[test]
    fn damage_is_found() {
        let twice: Listpack = [b"a", b"a"].into_iter().map(|text| Element::Bytes(text)).collect();
        let (no_members, no_ints) = (Listpack::new(), Intset::new());
        let rows: [(u8, &[u8]); 5] = [
            (type_code::SET_INTSET, b"rubbish"),
            (type_code::SET_LISTPACK, b"rubbish"),
            (type_code::SET_LISTPACK, twice.as_bytes()),
            (type_code::SET_LISTPACK, no_members.as_bytes()),
            (type_code::SET_INTSET, no_ints.as_bytes()),
        ];
        for (code, bytes) in rows {
            assert!(
                read_code(code, Limits::DEFAULT, |encoder| encoder.string(bytes)).is_err(),
                "{code} {bytes:?}"
            );
        }
        for texts in [&[b"1".as_slice(), b"1"][..], &[]] {
            let read = read_code(type_code::SET, Limits::DEFAULT, |encoder| {
                encoder.length(texts.len() as u64);
                texts.iter().for_each(|text| encoder.string(text));
            });
            assert!(read.is_err());
        }
        assert!(read_code(type_code::SET, Limits::DEFAULT, |encoder| encoder.length(1 << 40)).is_err());
    }
}
