//! Placeholder of sorted_set on this branch.

use std::io::Read;

use datatypes::sorted_set::SortedSet;

use crate::encoder::Encoder;
use crate::error::{RdbError, Reason};
use crate::format::type_code;
use crate::source::Source;
use crate::values::Reading;

pub(super) fn code_of(_value: &SortedSet, _version: u32) -> u8 {
    type_code::SORTED_SET
}

pub(super) fn write(_encoder: &mut Encoder, _value: &SortedSet) {}

pub(super) fn read<R: Read>(_source: &mut Source<R>, reading: Reading) -> Result<SortedSet, RdbError> {
    Err(RdbError::new(reading.offset, Reason::TypeNotSupported { code: reading.code }))
}
