//! What follows the key in SORT.

use super::pattern::Pattern;
use crate::prelude::*;
use std::ops::Range;

/// How to sort, and what to do with the result.
pub(super) struct Options<'a> {
    /// What the weights of elements are named, if these are not the elements themselves.
    pub(super) by: Option<Pattern<'a>>,
    /// Whether anything is sorted at all: a BY pattern without a place for the element means that it is not.
    pub(super) sorts: bool,
    /// The greatest first.
    pub(super) is_descending: bool,
    /// By bytes, not by number.
    pub(super) is_alphabetic: bool,
    /// Which values are wanted in place of each element.
    pub(super) gets: Vec<&'a [u8]>,
    /// Where a list of the result is to be put.
    pub(super) destination: Option<&'a [u8]>,
    offset: i64,
    count: i64,
}

impl<'a> Options<'a> {
    /// Reads the options to the end; STORE only where `may_store`.
    pub(super) fn parse(args: &mut Args<'a>, may_store: bool) -> Result<Options<'a>, Stop> {
        let mut options = Options {
            by: None,
            sorts: true,
            is_descending: false,
            is_alphabetic: false,
            gets: Vec::new(),
            destination: None,
            offset: 0,
            count: -1,
        };
        while !args.is_empty() {
            options.take(args, may_store)?;
        }
        Ok(options)
    }

    fn take(&mut self, args: &mut Args<'a>, may_store: bool) -> Result<(), Stop> {
        if args.keyword("ASC") {
            self.is_descending = false;
        } else if args.keyword("DESC") {
            self.is_descending = true;
        } else if args.keyword("ALPHA") {
            self.is_alphabetic = true;
        } else if args.len() > 2 && args.keyword("LIMIT") {
            (self.offset, self.count) = (args.integer()?, args.integer()?);
        } else if may_store && args.keyword("STORE") {
            self.destination = Some(args.next()?);
        } else if args.keyword("BY") {
            // The last pattern counts, but one that says not to sort is not taken back.
            match Pattern::parse(args.next()?) {
                Some(pattern) => self.by = Some(pattern),
                None => self.sorts = false,
            }
        } else if args.keyword("GET") {
            self.gets.push(args.next()?);
        } else {
            return Err(Stop::SYNTAX);
        }
        Ok(())
    }

    /// Which of `len` elements in order are wanted.
    pub(super) fn window(&self, len: usize) -> Range<usize> {
        let start = usize::try_from(self.offset).unwrap_or(0).min(len);
        let count = usize::try_from(self.count).unwrap_or(len).min(len - start);
        start..start + count
    }
}
