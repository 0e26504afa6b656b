//! Placeholder of list on this branch.

use std::io::Read;

use datatypes::list::List;

use crate::encoder::Encoder;
use crate::error::{RdbError, Reason};
use crate::format::type_code;
use crate::source::Source;
use crate::values::Reading;

pub(super) fn code_of(_value: &List, _version: u32) -> u8 {
    type_code::LIST
}

pub(super) fn write(_encoder: &mut Encoder, _value: &List) {}

pub(super) fn read<R: Read>(_source: &mut Source<R>, reading: Reading) -> Result<List, RdbError> {
    Err(RdbError::new(reading.offset, Reason::TypeNotSupported { code: reading.code }))
}
