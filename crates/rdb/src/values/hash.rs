//! Placeholder of hash on this branch.

use std::io::Read;

use datatypes::hash::Hash;

use crate::encoder::Encoder;
use crate::error::{RdbError, Reason};
use crate::format::type_code;
use crate::source::Source;
use crate::values::Reading;

pub(super) fn code_of(_value: &Hash, _version: u32) -> u8 {
    type_code::HASH
}

pub(super) fn write(_encoder: &mut Encoder, _value: &Hash) {}

pub(super) fn read<R: Read>(_source: &mut Source<R>, reading: Reading) -> Result<Hash, RdbError> {
    Err(RdbError::new(reading.offset, Reason::TypeNotSupported { code: reading.code }))
}
