//! Which clients CLIENT LIST shows and CLIENT KILL closes: the filters of both vendors, each with its opposite.

use crate::prelude::*;
use engine::client::card::{Card, ClientKind, flag};
use std::sync::atomic::Ordering::Relaxed;

/// The letters that `flags=` can have.
const FLAG_LETTERS: &[u8] = b"AbcdeMNOPrRStTuUxBiI";

/// One condition.
enum Criterion<'a> {
    Ids(Vec<i64>),
    Kind(KindName),
    Address(&'a [u8]),
    LocalAddress(&'a [u8]),
    Host(&'a [u8]),
    User(&'a [u8]),
    Name(&'a [u8]),
    LibraryName(&'a [u8]),
    LibraryVersion(&'a [u8]),
    Flags(&'a [u8]),
    Database(u32),
    AtLeastOldS(i64),
    AtLeastIdleS(i64),
}

/// The kinds that can be asked for by name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KindName {
    Normal,
    Replica,
    Primary,
    Subscriber,
}

/// Conditions that must all hold.
#[derive(Default)]
pub(super) struct Filter<'a> {
    criteria: Vec<(Criterion<'a>, bool)>,
    /// Whether the asking client is left out; `None` when nothing was said.
    pub(super) skips_self: Option<bool>,
}

impl<'a> Filter<'a> {
    /// Those with one of these numbers.
    pub(super) fn of_ids(ids: Vec<i64>) -> Filter<'a> {
        Filter { criteria: vec![(Criterion::Ids(ids), false)], skips_self: None }
    }

    /// Reads filters to the end of the arguments.
    pub(super) fn parse(ctx: &Context<'_>, mut args: Args<'a>) -> Result<Filter<'a>, Stop> {
        let mut filter = Filter::default();
        while !args.is_empty() {
            filter.parse_one(ctx, &mut args)?;
        }
        Ok(filter)
    }

    fn parse_one(&mut self, ctx: &Context<'_>, args: &mut Args<'a>) -> Result<(), Stop> {
        let word = args.next()?;
        if args.is_empty() {
            return Err(Stop::SYNTAX);
        }
        let mut name = word.to_ascii_uppercase();
        if name == b"SKIPME" {
            self.skips_self = Some(yes_or_no(args.next()?)?);
            return Ok(());
        }
        let is_opposite = name.starts_with(b"NOT-");
        if is_opposite {
            name.drain(..4);
            if matches!(name.as_slice(), b"MAXAGE" | b"IDLE") {
                return Err(Stop::SYNTAX);
            }
        }
        self.criteria.push((criterion(ctx, &name, args)?, is_opposite));
        Ok(())
    }

    /// Whether all conditions hold for a client.
    pub(super) fn lets_pass(&self, ctx: &Context<'_>, card: &Card) -> bool {
        let is_self = card.id == ctx.client.card.id;
        if is_self && self.skips_self == Some(true) {
            return false;
        }
        self.criteria
            .iter()
            .all(|(criterion, is_opposite)| criterion.holds(card, ctx.now_ms()) != *is_opposite)
    }
}

fn yes_or_no(word: &[u8]) -> Result<bool, Stop> {
    let is_yes = word.eq_ignore_ascii_case(b"yes");
    if is_yes || word.eq_ignore_ascii_case(b"no") { Ok(is_yes) } else { Err(Stop::SYNTAX) }
}

fn criterion<'a>(ctx: &Context<'_>, name: &[u8], args: &mut Args<'a>) -> Result<Criterion<'a>, Stop> {
    Ok(match name {
        b"ID" => Criterion::Ids(ids(args)?),
        b"TYPE" => Criterion::Kind(KindName::parse(args.next()?)?),
        b"ADDR" => Criterion::Address(args.next()?),
        b"LADDR" => Criterion::LocalAddress(args.next()?),
        b"IP" => Criterion::Host(args.next()?),
        b"USER" => Criterion::User(user(ctx, args.next()?)?),
        b"NAME" => Criterion::Name(args.next()?),
        b"LIB-NAME" => Criterion::LibraryName(args.next()?),
        b"LIB-VER" => Criterion::LibraryVersion(args.next()?),
        b"FLAGS" => Criterion::Flags(flags(args.next()?)?),
        b"DB" => Criterion::Database(database(ctx, args)?),
        b"MAXAGE" => Criterion::AtLeastOldS(seconds(args, "maxage")?),
        b"IDLE" => Criterion::AtLeastIdleS(seconds(args, "idle")?),
        _ => return Err(Stop::SYNTAX),
    })
}

/// One number, and those that follow it.
fn ids(args: &mut Args<'_>) -> Result<Vec<i64>, Stop> {
    let refusal = Stop::error("ERR client-id should be greater than 0");
    let id = |word: &[u8]| stdx::number::parse_i64(word).filter(|&id| id > 0);
    let mut ids = vec![id(args.next()?).ok_or(refusal)?];
    while let Some(next) = args.peek().and_then(id) {
        ids.push(next);
        args.next()?;
    }
    Ok(ids)
}

fn user<'a>(ctx: &Context<'_>, name: &'a [u8]) -> Result<&'a [u8], Stop> {
    match ctx.engine.acl.find(name) {
        Some(_) => Ok(name),
        None => Err(Stop::quoting("ERR No such user '", name, "'")),
    }
}

fn flags(letters: &[u8]) -> Result<&[u8], Stop> {
    match letters.iter().find(|letter| !FLAG_LETTERS.contains(letter)) {
        None => Ok(letters),
        Some(_) => Err(Stop::quoting("ERR Unknown flags found in the provided filter: ", letters, "")),
    }
}

fn database(ctx: &Context<'_>, args: &mut Args<'_>) -> Result<u32, Stop> {
    let number = args.integer_or("ERR DB is not an integer or out of range")?;
    let databases = ctx.keys.database_count();
    let known = u32::try_from(number).ok().filter(|&number| number < databases);
    known.ok_or_else(|| Stop::from(format!("ERR DB number should be between 0 and {}", databases - 1)))
}

fn seconds(args: &mut Args<'_>, name: &str) -> Result<i64, Stop> {
    let number = stdx::number::parse_i64(args.next()?)
        .ok_or_else(|| Stop::from(format!("ERR {name} is not an integer or out of range")))?;
    if number > 0 { Ok(number) } else { Err(Stop::from(format!("ERR {name} should be greater than 0"))) }
}

impl KindName {
    fn parse(word: &[u8]) -> Result<KindName, Stop> {
        match word.to_ascii_lowercase().as_slice() {
            b"normal" => Ok(KindName::Normal),
            b"replica" | b"slave" => Ok(KindName::Replica),
            b"master" | b"primary" => Ok(KindName::Primary),
            b"pubsub" => Ok(KindName::Subscriber),
            _ => Err(Stop::quoting("ERR Unknown client type '", word, "'")),
        }
    }

    fn of(card: &Card) -> KindName {
        match card.kind() {
            ClientKind::Normal if card.has(flag::SUBSCRIBER) => KindName::Subscriber,
            ClientKind::Normal | ClientKind::Internal => KindName::Normal,
            ClientKind::Replica => KindName::Replica,
            ClientKind::Primary => KindName::Primary,
        }
    }
}

impl Criterion<'_> {
    fn holds(&self, card: &Card, now_ms: i64) -> bool {
        let passed_s = |since_ms: i64| (now_ms - since_ms) / 1000;
        match self {
            Criterion::Ids(ids) => ids.contains(&(card.id as i64)),
            Criterion::Kind(kind) => *kind == KindName::of(card),
            Criterion::Address(address) => card.address.as_bytes() == *address,
            Criterion::LocalAddress(address) => card.local_address.as_bytes() == *address,
            Criterion::Host(host) => host_of(&card.address).as_bytes() == *host,
            Criterion::User(user) => card.texts.lock().user.as_bytes() == *user,
            Criterion::Name(name) => card.texts.lock().name == *name,
            Criterion::LibraryName(name) => card.texts.lock().library_name == *name,
            Criterion::LibraryVersion(version) => card.texts.lock().library_version == *version,
            Criterion::Flags(letters) => {
                let own = card.flag_letters();
                letters.iter().all(|&letter| own.contains(char::from(letter)))
            }
            Criterion::Database(database) => card.database.load(Relaxed) == *database,
            Criterion::AtLeastOldS(age_s) => passed_s(card.created_ms) >= *age_s,
            Criterion::AtLeastIdleS(idle_s) => passed_s(card.last_request_ms.load(Relaxed) as i64) >= *idle_s,
        }
    }
}

/// The host of an address with a port.
fn host_of(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}
