//! Polygons that are searched: flat on the map, with straight edges between degrees.

use super::area::Bounds;
use super::{Position, Radians};

/// The corners of an area, in their order; the last is joined to the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon(Vec<Position>);

impl Polygon {
    /// How few corners an area can have.
    pub const CORNERS_MIN: usize = 3;

    /// The polygon with these corners.
    pub fn new(corners: Vec<Position>) -> Polygon {
        Polygon(corners)
    }

    /// The middle of the corners, seen from the middle of the earth: the direction of the sum of theirs.
    pub fn middle(&self) -> Position {
        let (mut x, mut y, mut z) = (0.0, 0.0, 0.0);
        for corner in &self.0 {
            let (longitude, latitude) = (corner.longitude.to_radians_c(), corner.latitude.to_radians_c());
            x += latitude.cos() * longitude.cos();
            y += latitude.cos() * longitude.sin();
            z += latitude.sin();
        }
        Position {
            longitude: y.atan2(x).to_degrees_c(),
            latitude: z.atan2((x * x + y * y).sqrt()).to_degrees_c(),
        }
    }

    /// Whether a position lies inside: a line from it to the east crosses the edges an odd number of times. An edge belongs
    /// to what lies to the east and to the north of it, so that of two polygons side by side one has it.
    pub fn contains(&self, position: Position) -> bool {
        let Position { longitude, latitude } = position;
        let before = self.0.iter().cycle().skip(self.0.len().saturating_sub(1));
        let crossed = self.0.iter().zip(before).filter(|(corner, before)| {
            let is_beside = (corner.latitude > latitude) != (before.latitude > latitude);
            let (width, height) = (before.longitude - corner.longitude, before.latitude - corner.latitude);
            is_beside && longitude < width * (latitude - corner.latitude) / height + corner.longitude
        });
        crossed.count() % 2 == 1
    }

    /// The edges of the smallest rectangle around it.
    pub(super) fn bounds(&self) -> Bounds {
        let longitudes = || self.0.iter().map(|corner| corner.longitude);
        let latitudes = || self.0.iter().map(|corner| corner.latitude);
        Bounds {
            west: longitudes().fold(f64::INFINITY, f64::min),
            south: latitudes().fold(f64::INFINITY, f64::min),
            east: longitudes().fold(f64::NEG_INFINITY, f64::max),
            north: latitudes().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// From the middle to the farthest corner of that rectangle, in metres.
    pub(super) fn range_m(&self) -> f64 {
        let (middle, bounds) = (self.middle(), self.bounds());
        let corners = [bounds.west, bounds.east].into_iter().flat_map(|longitude| {
            [bounds.south, bounds.north].map(|latitude| Position { longitude, latitude })
        });
        corners.map(|corner| middle.distance_m(corner)).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polygon(corners: &[(f64, f64)]) -> Polygon {
        Polygon(corners.iter().map(|&(longitude, latitude)| Position { longitude, latitude }).collect())
    }

    fn contains(polygon: &Polygon, longitude: f64, latitude: f64) -> bool {
        polygon.contains(Position { longitude, latitude })
    }

    #[test]
    fn inside_and_outside() {
        let with_a_notch = polygon(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (5.0, 5.0), (0.0, 10.0)]);
        assert!(contains(&with_a_notch, 5.0, 4.9) && contains(&with_a_notch, 1.0, 8.0));
        assert!(!contains(&with_a_notch, 5.0, 5.1) && !contains(&with_a_notch, 5.0, 8.0));
        assert!(!contains(&with_a_notch, -1.0, 5.0) && !contains(&with_a_notch, 11.0, 5.0));
        let bow = polygon(&[(12.0, 37.0), (18.0, 39.0), (18.0, 37.0), (12.0, 39.0)]);
        assert!(contains(&bow, 13.0, 38.0) && !contains(&bow, 15.0, 37.1));
        assert!(!contains(&polygon(&[]), 0.0, 0.0));
    }

    #[test]
    fn an_edge_belongs_to_one_of_two_neighbours() {
        let west = polygon(&[(0.0, 0.0), (5.0, 0.0), (5.0, 5.0), (0.0, 5.0)]);
        let east = polygon(&[(5.0, 0.0), (9.0, 0.0), (9.0, 5.0), (5.0, 5.0)]);
        assert!(!contains(&west, 5.0, 2.0) && contains(&east, 5.0, 2.0));
        assert!(contains(&west, 0.0, 0.0) && !contains(&west, 0.0, 5.0));
    }

    #[test]
    fn its_middle_is_seen_from_the_middle_of_the_earth() {
        let around_the_date_line = polygon(&[(-180.0, -85.0), (180.0, -85.0), (180.0, 85.0), (-180.0, 85.0)]);
        assert_eq!(around_the_date_line.middle().longitude.abs(), 180.0);
        let bounds = polygon(&[(1.0, 2.0), (5.0, -3.0), (4.0, 4.0)]).bounds();
        assert_eq!((bounds.west, bounds.south, bounds.east, bounds.north), (1.0, -3.0, 5.0, 4.0));
    }
}
