//! Positions on earth as scores of a sorted set: a geohash of 52 bits, and distances.
//!
//! The grid is Redis's: longitude from -180 to 180 degrees, latitude up to 85.05112878 degrees as in web maps, 26 bits of
//! each, latitude in the even bits. So positions near each other mostly have scores near each other.

pub mod area;
mod cell;
mod polygon;

pub use cell::Cell;
pub use polygon::Polygon;

/// The least and the greatest longitude, in degrees.
pub const LONGITUDE_MAX: f64 = 180.0;
/// The greatest latitude, in degrees; the least is the same to the south.
pub const LATITUDE_MAX: f64 = 85.051_128_78;
/// Bits of each coordinate in a score.
pub const STEPS_MAX: u32 = 26;

/// Metres from the middle of the earth to its surface, as Redis has it.
const EARTH_RADIUS_M: f64 = 6_372_797.560_856;
/// The letters of a geohash as text.
const LETTERS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// A position, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// East of Greenwich.
    pub longitude: f64,
    /// North of the equator.
    pub latitude: f64,
}

impl Position {
    /// Whether the position lies on the grid.
    pub fn is_valid(self) -> bool {
        self.longitude.abs() <= LONGITUDE_MAX && self.latitude.abs() <= LATITUDE_MAX
    }

    /// The score that stands for it.
    pub fn to_score(self) -> f64 {
        Cell::around(self, STEPS_MAX).bits() as f64
    }

    /// The middle of the place that a score stands for.
    pub fn from_score(score: f64) -> Position {
        Cell::from_bits(bits_of(score), STEPS_MAX).middle()
    }

    /// The distance along the surface, in metres.
    pub fn distance_m(self, other: Position) -> f64 {
        let (latitude, other_latitude) = (self.latitude.to_radians_c(), other.latitude.to_radians_c());
        let longitudes = other.longitude.to_radians_c() - self.longitude.to_radians_c();
        let across = (longitudes / 2.0).sin();
        if across == 0.0 {
            return latitude_distance_m(self.latitude, other.latitude);
        }
        let along = ((other_latitude - latitude) / 2.0).sin();
        let square = along * along + latitude.cos() * other_latitude.cos() * across * across;
        2.0 * EARTH_RADIUS_M * square.sqrt().asin()
    }

    /// The usual geohash text of eleven letters, whose grid reaches to the poles.
    pub fn geohash(self) -> [u8; 11] {
        let bits = Cell::around_with(self, STEPS_MAX, 90.0).bits();
        std::array::from_fn(|index| {
            // 52 bits are ten letters and two bits: the last letter is always the first of the alphabet.
            let letter = if index == 10 { 0 } else { bits >> (52 - (index + 1) * 5) & 0x1f };
            LETTERS[letter as usize]
        })
    }
}

/// The bits of a score that may be of any sorted set: what the usual processors make of a number that is no geohash.
fn bits_of(score: f64) -> u64 {
    if score >= u64::MAX as f64 {
        0
    } else if score >= 0.0 {
        score as u64
    } else {
        (score as i64).cast_unsigned()
    }
}

/// The distance between two latitudes, in metres.
pub(crate) fn latitude_distance_m(latitude: f64, other: f64) -> f64 {
    EARTH_RADIUS_M * (other.to_radians_c() - latitude.to_radians_c()).abs()
}

/// Degrees to radians and back by the very factors that Redis uses: std's have another last digit.
pub(crate) trait Radians {
    fn to_radians_c(self) -> f64;
    fn to_degrees_c(self) -> f64;
}

impl Radians for f64 {
    fn to_radians_c(self) -> f64 {
        self * (std::f64::consts::PI / 180.0)
    }

    fn to_degrees_c(self) -> f64 {
        self / (std::f64::consts::PI / 180.0)
    }
}

/// Units of length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Metres.
    Metres,
    /// Kilometres.
    Kilometres,
    /// Feet.
    Feet,
    /// Miles.
    Miles,
}

impl Unit {
    /// The unit of this name, in any case.
    pub fn from_name(name: &[u8]) -> Option<Unit> {
        let units = [("m", Unit::Metres), ("km", Unit::Kilometres), ("ft", Unit::Feet), ("mi", Unit::Miles)];
        units.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes())).map(|(_, unit)| unit)
    }

    /// How many metres it is.
    pub fn metres(self) -> f64 {
        match self {
            Unit::Metres => 1.0,
            Unit::Kilometres => 1000.0,
            Unit::Feet => 0.3048,
            Unit::Miles => 1609.34,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PALERMO: Position = Position { longitude: 13.361389, latitude: 38.115556 };
    const CATANIA: Position = Position { longitude: 15.087269, latitude: 37.502669 };

    /// Scores, hashes and the distance were asked of a real server.
    #[test]
    fn as_a_real_server_has_it() {
        assert_eq!(PALERMO.to_score(), 3_479_099_956_230_698.0);
        assert_eq!(CATANIA.to_score(), 3_479_447_370_796_909.0);
        let (palermo, catania) =
            (Position::from_score(PALERMO.to_score()), Position::from_score(CATANIA.to_score()));
        assert_eq!(format!("{:.4}", palermo.distance_m(catania)), "166274.1516");
        assert_eq!((&palermo.geohash(), &catania.geohash()), (b"sqc8b49rny0", b"sqdtr74hyu0"));
        assert_eq!(palermo.longitude.to_string(), "13.361389338970184");
        assert_eq!(palermo.distance_m(palermo), 0.0);
    }

    #[test]
    fn positions_off_the_grid_are_known() {
        assert!(Position { longitude: -180.0, latitude: 85.05112878 }.is_valid());
        assert!(!Position { longitude: 180.1, latitude: 0.0 }.is_valid());
        assert!(!Position { longitude: 0.0, latitude: -85.06 }.is_valid());
        assert!(!Position { longitude: f64::NAN, latitude: 0.0 }.is_valid());
    }
}
