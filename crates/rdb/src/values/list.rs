//! Lists in files: a row of listpacks and large elements; older layouts are rows of strings or of ziplists.

use std::io::Read;

use datatypes::limits::ListLimits;
use datatypes::list::{End, List};
use encodings::listpack::Listpack;
use encodings::quicklist::BlockView;

use crate::encoder::Encoder;
use crate::error::RdbError;
use crate::format::{VERSION_WITH_LISTPACKS, type_code};
use crate::legacy::ziplist::Ziplist;
use crate::source::Source;
use crate::values::Reading;

/// What stands before a block: it is one large element, or a listpack.
const PLAIN: u64 = 1;
const PACKED: u64 = 2;

pub(super) fn code_of(_list: &List, version: u32) -> u8 {
    if version < VERSION_WITH_LISTPACKS { type_code::LIST } else { type_code::LIST_QUICKLIST_2 }
}

pub(super) fn write(encoder: &mut Encoder, list: &List) {
    if encoder.version() < VERSION_WITH_LISTPACKS {
        return write_each(encoder, list);
    }
    encoder.length(list.block_count() as u64);
    for block in list.blocks() {
        match block {
            BlockView::Packed(listpack) => write_packed(encoder, listpack.as_bytes()),
            BlockView::Unpacked(listpack) => write_packed(encoder, listpack.as_bytes()),
            BlockView::Plain(bytes) => {
                encoder.length(PLAIN);
                encoder.string(bytes);
            }
        }
    }
}

/// The layout that every version reads.
fn write_each(encoder: &mut Encoder, list: &List) {
    encoder.length(list.len() as u64);
    let mut text = Vec::new();
    list.visit(0, list.len(), |element| {
        text.clear();
        element.write_to(&mut text);
        encoder.string(&text);
    });
}

fn write_packed(encoder: &mut Encoder, listpack: &[u8]) {
    encoder.length(PACKED);
    encoder.string(listpack);
}

pub(super) fn read<R: Read>(source: &mut Source<R>, reading: Reading) -> Result<List, RdbError> {
    let limits = reading.limits.list;
    let mut list = List::default();
    let mut bytes = Vec::new();
    let count = if reading.code == type_code::LIST_ZIPLIST { 1 } else { source.length()? };
    for _ in 0..count {
        let kind = if reading.code == type_code::LIST_QUICKLIST_2 { source.length()? } else { PACKED };
        source.string(&mut bytes)?;
        match reading.code {
            type_code::LIST => list.push_one(End::Back, &bytes, limits),
            type_code::LIST_QUICKLIST_2 => append_block(&mut list, kind, &bytes, limits, reading)?,
            _ => append_ziplist(&mut list, &bytes, limits, reading)?,
        }
    }
    if list.is_empty() {
        return Err(reading.damaged("it has no element"));
    }
    list.settle(limits);
    Ok(list)
}

fn append_block(
    list: &mut List,
    kind: u64,
    bytes: &[u8],
    limits: ListLimits,
    reading: Reading,
) -> Result<(), RdbError> {
    match kind {
        PLAIN => list.append_plain(bytes, limits),
        PACKED => {
            let listpack =
                Listpack::from_bytes(bytes).map_err(|_| reading.damaged("a listpack is damaged"))?;
            list.append_packed(listpack, limits);
        }
        _ => return Err(reading.damaged("a block is of an unknown kind")),
    }
    Ok(())
}

fn append_ziplist(
    list: &mut List,
    bytes: &[u8],
    limits: ListLimits,
    reading: Reading,
) -> Result<(), RdbError> {
    let ziplist = Ziplist::new(bytes).ok_or_else(|| reading.damaged("a ziplist is damaged"))?;
    list.append_packed(ziplist.collect(), limits);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump;
    use crate::encoder::EncoderOptions;
    use crate::legacy::ziplist::tests::ziplist;
    use crate::skip::Dialect;
    use datatypes::collection::{Collection, Value, ValueRef};
    use datatypes::limits::Limits;
    use encodings::listpack::Element;

    const LIMITS: ListLimits = Limits::DEFAULT.list;

    fn sample(count: usize) -> List {
        let mut list = List::default();
        for number in 0..count {
            list.push_one(End::Back, number.to_string().as_bytes(), LIMITS);
            list.push_one(End::Back, format!("element {number}").as_bytes(), LIMITS);
        }
        list
    }

    fn read_code(code: u8, write: impl FnOnce(&mut Encoder)) -> Result<List, RdbError> {
        let mut encoder = Encoder::new(EncoderOptions::default());
        write(&mut encoder);
        let bytes = encoder.take();
        let reading = Reading { offset: 0, code, dialect: Dialect::Redis, limits: Limits::DEFAULT };
        read(&mut Source::new(&bytes[..], false, 1 << 20), reading)
    }

    #[test]
    fn what_is_written_is_read() {
        let mut large = sample(10);
        large.push_one(End::Back, &[b'x'; 100_000], LIMITS);
        for list in [sample(1), sample(5000), large] {
            for version in [6, 9, 10] {
                let options = EncoderOptions { version, ..EncoderOptions::default() };
                let payload = dump::write(ValueRef::List(&list), options);
                let read = dump::read(&payload, Limits::DEFAULT, true).expect("a whole payload");
                let Value::List(read) = read else { panic!("a list") };
                assert_eq!((read.encoding(), &read), (list.encoding(), &list));
            }
        }
    }

    #[test]
    fn older_layouts() {
        let elements = [Element::Bytes(b"a"), Element::Integer(5)];
        let packed = ziplist(&elements);
        let mut expected = List::default();
        expected.push(End::Back, [&b"a"[..], b"5"].into_iter(), LIMITS);
        let one = read_code(type_code::LIST_ZIPLIST, |encoder| encoder.string(&packed));
        assert_eq!(one.expect("a ziplist"), expected);
        let two = read_code(type_code::LIST_QUICKLIST, |encoder| {
            encoder.length(3);
            encoder.string(&packed);
            encoder.string(&ziplist(&[]));
            encoder.string(&packed);
        });
        expected.push(End::Back, [&b"a"[..], b"5"].into_iter(), LIMITS);
        assert_eq!(two.expect("ziplists"), expected);
        let plain = read_code(type_code::LIST, |encoder| {
            encoder.length(4);
            [&b"a"[..], b"5", b"a", b"5"].iter().for_each(|text| encoder.string(text));
        });
        let plain = plain.expect("strings");
        assert_eq!((plain.encoding(), plain), ("listpack", expected));
    }

    #[test]
    fn damage_is_found() {
        let kinds = [(0, "kind 0"), (3, "kind 3")];
        for (kind, name) in kinds {
            let read = read_code(type_code::LIST_QUICKLIST_2, |encoder| {
                encoder.length(1);
                encoder.length(kind);
                encoder.string(b"x");
            });
            assert!(read.is_err(), "{name}");
        }
        let empty = read_code(type_code::LIST, |encoder| encoder.length(0));
        assert!(empty.is_err(), "without elements");
        let cut = read_code(type_code::LIST, |encoder| encoder.length(1 << 40));
        assert!(cut.is_err(), "a claimed length");
        let rubbish = read_code(type_code::LIST_ZIPLIST, |encoder| encoder.string(b"rubbish"));
        assert!(rubbish.is_err(), "no ziplist");
    }
}
