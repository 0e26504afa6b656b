//! How XADD and XTRIM trim: `MAXLEN|MINID [=|~] threshold [LIMIT count]`.

use super::id;
use crate::prelude::*;
use datatypes::limits::StreamLimits;
use datatypes::stream::{Bound, Log, NewId, Trim};
use resp::request::Request;

/// How many blocks' worth of entries an approximate trimming takes at most, if it is not told.
const BLOCKS_AT_ONCE: u64 = 100;
/// As many entries if blocks have no limit.
const ENTRIES_AT_ONCE: u64 = 10_000;
const ENTRIES_AT_ONCE_MAX: u64 = 1_000_000;

/// The documentation of the words.
pub(crate) const STRATEGY: Arg =
    Arg::one_of("strategy", &[Arg::token("maxlen", "MAXLEN"), Arg::token("minid", "MINID").since("6.2.0")]);
/// Exactly or about.
pub(crate) const OPERATOR: Arg =
    Arg::one_of("operator", &[Arg::token("equal", "="), Arg::token("approximately", "~")]).optional();
/// How many entries go at most.
pub(crate) const LIMIT: Arg = Arg::integer("count").after("LIMIT").optional().since("6.2.0");

/// The words, read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trimming {
    bound: Option<Bound>,
    /// Which word of the request the threshold is.
    threshold_at: usize,
    is_approximate: bool,
    limit: Option<u64>,
    /// Whether XADD leaves a missing key alone.
    pub(crate) no_make_stream: bool,
    /// The identifier of XADD's new entry.
    pub(crate) new_id: Option<NewId>,
    /// The word at which reading ended.
    pub(crate) end: usize,
}

impl Trimming {
    /// Reads the words of XADD from the second argument on, up to the identifier.
    pub(crate) fn parse_for_xadd(ctx: &Context<'_>, request: Request<'_>) -> Result<Trimming, Stop> {
        let mut trimming = Trimming { end: 2, ..Trimming::default() };
        while trimming.new_id.is_none() && trimming.end < request.len() {
            let word = request.word(trimming.end);
            if word == b"*" {
                trimming.new_id = Some(NewId::Clock);
            } else if !trimming.take(request)? {
                if word.eq_ignore_ascii_case(b"NOMKSTREAM") {
                    trimming.no_make_stream = true;
                    trimming.end += 1;
                } else {
                    trimming.new_id = Some(id::parse_new(word)?);
                }
            }
        }
        trimming.check(ctx)?;
        Ok(trimming)
    }

    /// Reads the words of XTRIM from the second argument on.
    pub(crate) fn parse_for_xtrim(ctx: &Context<'_>, request: Request<'_>) -> Result<Trimming, Stop> {
        let mut trimming = Trimming { end: 2, ..Trimming::default() };
        while trimming.end < request.len() {
            if !trimming.take(request)? {
                return Err(Stop::SYNTAX);
            }
        }
        let checked = trimming.check(ctx);
        if trimming.bound.is_none() && trimming.limit.is_none_or(|limit| limit == 0) {
            return Err(Stop::error("ERR syntax error, XTRIM must be called with a trimming strategy"));
        }
        checked.map(|()| trimming)
    }

    /// Reads one option; false if there is none.
    fn take(&mut self, request: Request<'_>) -> Result<bool, Stop> {
        let word = request.word(self.end);
        let has_more = self.end + 1 < request.len();
        let is = |name: &str| has_more && word.eq_ignore_ascii_case(name.as_bytes());
        if is("LIMIT") {
            let limit = integer(request.word(self.end + 1))?;
            let limit =
                u64::try_from(limit).map_err(|_| Stop::error("ERR The LIMIT argument must be >= 0."))?;
            self.limit = Some(limit);
            self.end += 2;
        } else if is("MAXLEN") {
            let threshold = self.threshold(request)?;
            let length = u64::try_from(integer(threshold)?);
            let length = length.map_err(|_| Stop::error("ERR The MAXLEN argument must be >= 0."))?;
            self.bound = Some(Bound::Length(length));
        } else if is("MINID") {
            let threshold = self.threshold(request)?;
            self.bound = Some(Bound::From(id::parse_strict(threshold)?));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Steps over MAXLEN or MINID and what follows; gives the threshold.
    fn threshold<'a>(&mut self, request: Request<'a>) -> Result<&'a [u8], Stop> {
        if self.bound.is_some() {
            return Err(Stop::error(
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        let mut at = self.end + 1;
        let operator = request.word(at);
        if at + 1 < request.len() && [b"~", b"="].contains(&operator.try_into().unwrap_or(&[0])) {
            self.is_approximate = operator == b"~";
            at += 1;
        }
        self.threshold_at = at;
        self.end = at + 1;
        Ok(request.word(at))
    }

    fn check(&self, ctx: &Context<'_>) -> Result<(), Stop> {
        if self.limit.is_some_and(|limit| limit > 0) && self.bound.is_none() {
            return Err(Stop::error(
                "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
            ));
        }
        // What a primary passes on is exact, but still has its limit.
        if self.limit.is_some() && !self.is_approximate && !ctx.client.is_history() {
            return Err(Stop::error("ERR syntax error, LIMIT cannot be used without the special ~ option"));
        }
        Ok(())
    }

    /// What is to be trimmed, if anything is.
    pub(crate) fn trim(&self, limits: StreamLimits, is_history: bool) -> Option<Trim> {
        let limit = match self.limit {
            _ if is_history || !self.is_approximate => 0,
            Some(limit) => limit,
            None => match BLOCKS_AT_ONCE.saturating_mul(limits.node_entries as u64) {
                0 => ENTRIES_AT_ONCE,
                limit => limit.min(ENTRIES_AT_ONCE_MAX),
            },
        };
        self.bound.map(|bound| Trim { bound, only_blocks: self.is_approximate, limit })
    }

    /// What is put in the place of words so that the same entries go elsewhere: how far an approximate trimming went
    /// depends on how the entries lie in blocks.
    pub(crate) fn replacements(&self, log: &Log) -> Vec<(usize, Vec<u8>)> {
        let threshold = match self.bound {
            Some(Bound::Length(_)) if self.is_approximate => log.len().to_string().into_bytes(),
            Some(Bound::From(_)) if self.is_approximate => id::text(log.marks().first_id),
            _ => return Vec::new(),
        };
        vec![(self.threshold_at - 1, b"=".to_vec()), (self.threshold_at, threshold)]
    }
}

/// Passes the request on with other words in some places.
pub(crate) fn pass_on_replacing(ctx: &mut Context<'_>, replacements: &[(usize, Vec<u8>)]) {
    if replacements.is_empty() || !ctx.engine.propagation.is_active() {
        return;
    }
    let request = ctx.request;
    let mut words: Vec<&[u8]> = (0..request.len()).map(|at| request.word(at)).collect();
    for (at, word) in replacements {
        words[*at] = word;
    }
    ctx.propagate_as(&words);
}

fn integer(word: &[u8]) -> Result<i64, Stop> {
    stdx::number::parse_i64(word).ok_or(Stop::NOT_AN_INTEGER)
}
