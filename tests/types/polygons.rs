//! GEOSEARCH BYPOLYGON beside Valkey, the one server that has it: the same members, distances and order.

use fastrand::Rng;
use testkit::{Client, Program, Server, skip};

/// Searches that are compared.
const SEARCHES: usize = 1_500;

/// Positions all over the grid, many of them near each other.
fn position(random: &mut Rng) -> (f64, f64) {
    if random.bool() {
        (random.f64() * 360.0 - 180.0, random.f64() * 170.0 - 85.0)
    } else {
        (13.0 + random.f64() * 3.0, 37.0 + random.f64() * 2.0)
    }
}

/// Corners around a position, at distances of all magnitudes; some lie off the grid, which is an error.
fn polygon(random: &mut Rng) -> Vec<String> {
    let (longitude, latitude) = position(random);
    let size = 10_f64.powf(random.f64() * 5.0 - 3.0);
    let corner_count = random.usize(2..8);
    let mut words = vec!["BYPOLYGON".to_owned(), corner_count.to_string()];
    for _ in 0..corner_count {
        let to_side = |random: &mut Rng| (random.f64() - 0.5) * size;
        words.push((longitude + to_side(random)).to_string());
        words.push((latitude + to_side(random) / 2.0).clamp(-85.05, 85.05).to_string());
    }
    words
}

fn search(random: &mut Rng) -> Vec<String> {
    let mut words: Vec<String> = vec!["GEOSEARCH".into(), "places".into()];
    let stores = random.u8(..4) == 0;
    if stores {
        words = vec!["GEOSEARCHSTORE".into(), "found".into(), "places".into()];
    }
    words.extend(polygon(random));
    let options: &[&str] = if stores {
        &["STOREDIST", "COUNT 5", "DESC"]
    } else {
        &["WITHDIST", "WITHHASH", "ASC", "DESC", "COUNT 3", "COUNT 7 ANY", "WITHDIST"]
    };
    for option in options {
        if random.u8(..3) == 0 {
            words.extend(option.split(' ').map(str::to_owned));
        }
    }
    words
}

fn fill(client: &mut Client) {
    let mut random = Rng::with_seed(1);
    for number in 0..1_000 {
        let (longitude, latitude) = position(&mut random);
        let words = [longitude.to_string(), latitude.to_string(), format!("place {number}")];
        client.command(&[&["GEOADD".to_owned(), "places".to_owned()], &words[..]].concat());
    }
}

/// What a search has stored. The servers write some numbers with other digits that mean the same.
fn stored(client: &mut Client) -> Vec<(String, f64)> {
    let texts = client.run("ZRANGE found 0 -1 WITHSCORES").array();
    let pairs = texts.chunks(2).map(|pair| (pair[0].text(), pair[1].text().parse().expect("a score")));
    pairs.collect()
}

#[test]
fn are_searched_as_valkey_does() {
    let Some(valkey) = Program::valkey_9() else { return skip("there is no valkey-server: set OCHRE_PEERS") };
    let (own, peer) = (Server::start(&Program::under_test()), Server::start(&valkey));
    let (mut own, mut peer) = (own.client(), peer.client());
    fill(&mut own);
    fill(&mut peer);
    let mut random = Rng::with_seed(2);
    let mut found = 0;
    for _ in 0..SEARCHES {
        let words = search(&mut random);
        let (ours, theirs) = (own.command(&words), peer.command(&words));
        assert_eq!(ours.to_string(), theirs.to_string(), "{}", words.join(" "));
        found += usize::from(!matches!(ours.to_string().as_str(), "[]" | "0") && !ours.is_error());
        if words[0] == "GEOSEARCHSTORE" {
            assert_eq!(stored(&mut own), stored(&mut peer), "{}", words.join(" "));
        }
    }
    assert!(found > SEARCHES / 8, "only {found} searches found something");
}
