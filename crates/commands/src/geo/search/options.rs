//! What a search says: where, how far, what to reply or store.

use crate::geo::geoadd::position;
use crate::geo::geopos::unit;
use crate::prelude::*;
use datatypes::geo::area::{Area, Shape};
use datatypes::geo::{Polygon, Position, Unit};

/// Which command it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// GEOSEARCH.
    Search,
    /// GEOSEARCHSTORE.
    SearchStore,
    /// GEORADIUS and the like, whose area comes first.
    Radius {
        /// The middle is a member, not a position.
        by_member: bool,
        /// STORE and STOREDIST are known.
        may_store: bool,
    },
}

impl Form {
    pub(super) fn is_search(self) -> bool {
        matches!(self, Form::Search | Form::SearchStore)
    }
}

/// By distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Ascending,
    Descending,
}

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Store<'a> {
    pub(super) key: &'a [u8],
    /// Scores are distances, not positions.
    pub(super) distances: bool,
}

/// A search as it was asked for.
pub(super) struct Search<'a> {
    pub(super) source: &'a [u8],
    /// None when the key is not there, so that a middle could not be looked up.
    pub(super) area: Option<Area>,
    pub(super) unit: Unit,
    pub(super) with_distance: bool,
    pub(super) with_hash: bool,
    pub(super) with_position: bool,
    pub(super) any: bool,
    pub(super) count: Option<usize>,
    pub(super) store: Option<Store<'a>>,
    asked_order: Option<Order>,
    middle: Middle,
    /// The word that said the middle: it may be said again, but in no other way.
    middle_word: Option<&'static str>,
    shape: Option<Shape>,
}

/// The middle, as far as it is known.
#[derive(Clone, Copy, PartialEq)]
enum Middle {
    Unsaid,
    /// A member of a key that is not there.
    Nowhere,
    At(Position),
}

impl<'a> Search<'a> {
    pub(super) fn parse(ctx: &mut Context<'_>, args: &mut Args<'a>, form: Form) -> Result<Search<'a>, Stop> {
        let destination = if form == Form::SearchStore { Some(args.next()?) } else { None };
        let mut search = Search {
            source: args.next()?,
            area: None,
            unit: Unit::Metres,
            with_distance: false,
            with_hash: false,
            with_position: false,
            any: false,
            count: None,
            store: destination.map(|key| Store { key, distances: false }),
            asked_order: None,
            middle: Middle::Unsaid,
            middle_word: None,
            shape: None,
        };
        // Another type is complained about before anything else.
        ctx.keys.sorted_set(search.source)?;
        if let Form::Radius { by_member, .. } = form {
            search.middle = if by_member { search.member(ctx, args)? } else { Middle::At(position(args)?) };
            if search.middle == Middle::Nowhere {
                // Redis does not look at a distance from nowhere.
                let (_, _) = (args.next()?, args.next()?);
            } else {
                search.circle(args)?;
            }
        }
        while !args.is_empty() {
            search.option(ctx, args, form)?;
        }
        search.check(ctx, form)?;
        search.area = match (search.middle, search.shape.take()) {
            (_, Some(Shape::Polygon(polygon))) => {
                Some(Area { middle: polygon.middle(), shape: Shape::Polygon(polygon) })
            }
            (Middle::At(middle), Some(shape)) => Some(Area { middle, shape }),
            _ => None,
        };
        Ok(search)
    }

    fn option(&mut self, ctx: &mut Context<'_>, args: &mut Args<'a>, form: Form) -> Result<(), Stop> {
        let may_store = form == Form::Radius { by_member: false, may_store: true }
            || form == Form::Radius { by_member: true, may_store: true };
        if args.keyword("WITHDIST") {
            self.with_distance = true;
        } else if args.keyword("WITHHASH") {
            self.with_hash = true;
        } else if args.keyword("WITHCOORD") {
            self.with_position = true;
        } else if args.keyword("ANY") {
            self.any = true;
        } else if args.keyword("ASC") {
            self.asked_order = Some(Order::Ascending);
        } else if args.keyword("DESC") {
            self.asked_order = Some(Order::Descending);
        } else if args.len() >= 2 && args.keyword("COUNT") {
            self.count = Some(count(args)?);
        } else if may_store && args.len() >= 2 && args.keyword("STORE") {
            self.store = Some(Store { key: args.next()?, distances: false });
        } else if may_store && args.len() >= 2 && args.keyword("STOREDIST") {
            self.store = Some(Store { key: args.next()?, distances: true });
        } else if form.is_search() {
            return self.search_option(ctx, args);
        } else {
            return Err(Stop::SYNTAX);
        }
        Ok(())
    }

    /// The options that only GEOSEARCH and GEOSEARCHSTORE have. A polygon has a middle of its own.
    fn search_option(&mut self, ctx: &mut Context<'_>, args: &mut Args<'a>) -> Result<(), Stop> {
        let has_no_polygon = !matches!(self.shape, Some(Shape::Polygon(_)));
        let may_say = |word| has_no_polygon && self.middle_word.is_none_or(|said| said == word);
        if may_say("FROMMEMBER") && args.len() >= 2 && args.keyword("FROMMEMBER") {
            self.middle = self.member(ctx, args)?;
            self.middle_word = Some("FROMMEMBER");
        } else if may_say("FROMLONLAT") && args.len() >= 3 && args.keyword("FROMLONLAT") {
            self.middle = Middle::At(position(args)?);
            self.middle_word = Some("FROMLONLAT");
        } else if self.may_be(Shape::is_circle) && args.len() >= 3 && args.keyword("BYRADIUS") {
            self.circle(args)?;
        } else if self.may_be(Shape::is_box) && args.len() >= 4 && args.keyword("BYBOX") {
            self.rectangle(args)?;
        } else if self.middle_word.is_none()
            && self.may_be(Shape::is_polygon)
            && args.len() >= 3
            && args.keyword("BYPOLYGON")
        {
            self.shape = Some(Shape::Polygon(polygon(args)?));
        } else if let Some(store) = self.store.as_mut()
            && args.keyword("STOREDIST")
        {
            store.distances = true;
        } else {
            return Err(Stop::SYNTAX);
        }
        Ok(())
    }

    /// Whether no shape was given yet, or one of the same kind, which the new one replaces.
    fn may_be(&self, is_same: impl Fn(&Shape) -> bool) -> bool {
        self.shape.as_ref().is_none_or(is_same)
    }

    fn member(&self, ctx: &mut Context<'_>, args: &mut Args<'a>) -> Result<Middle, Stop> {
        let member = args.next()?;
        let Some(set) = ctx.keys.collection::<datatypes::sorted_set::SortedSet>(self.source, Lookup::Peek)?
        else {
            return Ok(Middle::Nowhere);
        };
        let score = set.score(member).ok_or(Stop::error("ERR could not decode requested zset member"))?;
        Ok(Middle::At(Position::from_score(score)))
    }

    fn circle(&mut self, args: &mut Args<'a>) -> Result<(), Stop> {
        let radius = args.float().map_err(|_| Stop::error("ERR need numeric radius"))?;
        if radius < 0.0 {
            return Err(Stop::error("ERR radius cannot be negative"));
        }
        self.unit = unit(args)?;
        self.shape = Some(Shape::Circle { radius_m: radius * self.unit.metres() });
        Ok(())
    }

    fn rectangle(&mut self, args: &mut Args<'a>) -> Result<(), Stop> {
        let width = args.float().map_err(|_| Stop::error("ERR need numeric width"))?;
        let height = args.float().map_err(|_| Stop::error("ERR need numeric height"))?;
        if width < 0.0 || height < 0.0 {
            return Err(Stop::error("ERR height or width cannot be negative"));
        }
        self.unit = unit(args)?;
        let metres = self.unit.metres();
        self.shape = Some(Shape::Box { width_m: width * metres, height_m: height * metres });
        Ok(())
    }

    fn check(&self, ctx: &Context<'_>, form: Form) -> Result<(), Stop> {
        let shows_parts = self.with_distance || self.with_hash || self.with_position;
        if self.store.is_some() && shows_parts {
            let what = if form.is_search() { "GEOSEARCHSTORE" } else { "STORE option in GEORADIUS" };
            return Err(Stop::from(format!(
                "ERR {what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
            )));
        }
        let is_polygon = self.shape.as_ref().is_some_and(Shape::is_polygon);
        if form.is_search() && self.middle == Middle::Unsaid && !is_polygon {
            return Err(missing(ctx, "FROMMEMBER or FROMLONLAT"));
        }
        if form.is_search() && self.shape.is_none() {
            return Err(missing(ctx, "BYRADIUS and BYBOX"));
        }
        if self.any && self.count.is_none() {
            return Err(Stop::error("ERR the ANY argument requires COUNT argument"));
        }
        Ok(())
    }

    /// The nearest come first when only some are wanted, unless any will do.
    pub(super) fn order(&self) -> Option<Order> {
        let default = (self.count.is_some() && !self.any).then_some(Order::Ascending);
        self.asked_order.or(default)
    }
}

/// Says that none of some options was given, to the command by the name that it was called by.
fn missing(ctx: &Context<'_>, options: &str) -> Stop {
    let name = String::from_utf8_lossy(ctx.request.word(0));
    Stop::from(format!("ERR exactly one of {options} can be specified for {name}"))
}

fn polygon(args: &mut Args<'_>) -> Result<Polygon, Stop> {
    const NO_NUMBER: &str = "ERR invalid number of vertices";
    let number = i32::try_from(args.integer_or(NO_NUMBER)?).map_err(|_| Stop::error(NO_NUMBER))?;
    let corner_count = usize::try_from(number)
        .ok()
        .filter(|&count| count >= Polygon::CORNERS_MIN && args.len() / 2 >= count)
        .ok_or(Stop::error("ERR GEOSEARCH BYPOLYGON must have at least 3 vertices"))?;
    Ok(Polygon::new((0..corner_count).map(|_| position(args)).collect::<Result<_, _>>()?))
}

fn count(args: &mut Args<'_>) -> Result<usize, Stop> {
    let count = args.integer()?;
    usize::try_from(count).ok().filter(|&count| count > 0).ok_or(Stop::error("ERR COUNT must be > 0"))
}
