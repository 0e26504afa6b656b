//! Tests of `sort`: all options on lists and sets, as real servers answered.

use crate::testing::{changes, check, notifies, propagates};

#[test]
fn orders_by_number_or_bytes() {
    check(
        r#"RPUSH l 3 10 2 | SORT l -> ["2", "3", "10"] | SORT l DESC -> ["10", "3", "2"] | SORT l ALPHA -> ["10", "2", "3"]
        SORT l DESC ALPHA ASC -> ["10", "2", "3"] | SORT_RO l -> ["2", "3", "10"] | SADD s 1.5 -2 inf "" | SORT s -> ["-2", "", "1.5", "inf"]
        RPUSH m b a | SORT m -> ERR One or more scores can't be converted into double | SORT m ALPHA -> ["a", "b"] | SORT x -> []"#,
    );
}

#[test]
fn limits() {
    check(
        r#"RPUSH l 3 1 2 | SORT l LIMIT 1 1 -> ["2"] | SORT l LIMIT -1 2 -> ["1", "2"] | SORT l LIMIT 0 -1 -> ["1", "2", "3"]
        SORT l LIMIT 5 2 -> [] | SORT l LIMIT 0 0 -> [] | SORT l LIMIT 1 9223372036854775807 -> ["2", "3"]
        SORT l BY nosort LIMIT 1 1 -> ["1"] | SORT l BY nosort DESC LIMIT 0 2 -> ["2", "1"] | SORT l BY nosort -> ["3", "1", "2"]"#,
    );
}

#[test]
fn weights_and_values_of_other_keys() {
    check(
        r#"RPUSH l 3 1 2 | MSET w_1 9 w_2 8 w_3 7 v_1 one v_3 three | SORT l BY w_* -> ["3", "2", "1"]
        SORT l BY w_* GET v_* GET # -> ["three", "3", nil, "2", "one", "1"] | SORT l BY none_* -> ["1", "2", "3"]
        SORT l BY v_* -> ERR One or more scores can't be converted into double | SORT l BY v_* ALPHA -> ["2", "1", "3"]
        SORT l GET constant -> [nil, nil, nil] | SORT l BY nosort GET w_* -> ["7", "9", "8"] | SADD s 2 1 | SORT s BY nosort -> ["1", "2"]"#,
    );
}

#[test]
fn fields_of_hashes() {
    check(
        r#"RPUSH l 1 2 3 | HSET h_1 w 30 n one | HSET h_2 w 20 | HSET h_3 w 10 n three | SET h_4 x
        SORT l BY h_*->w -> ["3", "2", "1"] | SORT l BY nosort GET h_*->n GET # -> ["one", "1", nil, "2", "three", "3"]
        SORT l BY nosort GET h_* -> [nil, nil, nil] | HPEXPIRE h_3 5 FIELDS 1 n | @6 | SORT l BY nosort GET h_*->n -> ["one", nil, nil]"#,
    );
}

#[test]
fn sorted_sets_keep_their_order_unless_sorted() {
    check(
        r#"ZADD z 3 1 1 2 2 3 | SORT z -> ["1", "2", "3"] | SORT z DESC LIMIT 0 1 -> ["3"] | SORT z BY nosort -> ["2", "3", "1"]
        SORT z BY nosort DESC -> ["1", "3", "2"] | SORT z BY nosort LIMIT 1 1 -> ["3"] | SORT z BY nosort DESC LIMIT 0 2 -> ["1", "3"]
        SORT z BY nosort STORE d -> 3 | LRANGE d 0 -1 -> ["2", "3", "1"]"#,
    );
}

#[test]
fn stores_a_list() {
    check(
        r#"RPUSH l 3 1 2 | SORT l STORE d -> 3 | LRANGE d 0 -1 -> ["1", "2", "3"] | SORT l GET v_* GET # STORE d -> 6
        LRANGE d 0 1 -> ["", "1"] | SORT x STORE d -> 0 | EXISTS d -> 0 | SADD s b a c | SORT s BY nosort STORE d -> 3
        LRANGE d 0 -1 -> ["a", "b", "c"] | SORT l STORE l -> 3 | LRANGE l 0 -1 -> ["1", "2", "3"]"#,
    );
}

#[test]
fn refuses_bad_requests() {
    check(
        "RPUSH l 1 | SORT l LIMIT 1 -> ERR syntax error | SORT l LIMIT 0 x -> ERR value is not an integer or out of range
        SORT l STORE -> ERR syntax error | SORT l GET -> ERR syntax error | SORT l BY -> ERR syntax error | SORT l FOO -> ERR syntax error
        SORT_RO l STORE d -> ERR syntax error | SET k v | SORT k -> WRONGTYPE Operation against a key holding the wrong kind of value
        SORT k STORE d -> WRONGTYPE Operation against a key holding the wrong kind of value",
    );
}

#[test]
fn is_passed_on_as_sent() {
    propagates(
        "RPUSH l 2 1 -> RPUSH l 2 1 | SORT l -> nothing | SORT l STORE d -> SORT l STORE d | SORT x STORE d -> SORT x STORE d",
    );
    notifies(
        "RPUSH l 2 1 -> new l, rpush l | SORT l STORE d -> new d, sortstore d | SORT x STORE d -> keymiss x, del d",
    );
    changes("RPUSH l 2 1 -> 2 | SORT l STORE d -> 2 | SORT x STORE d -> 1");
}

#[test]
fn keys_are_found() {
    check(
        r#"COMMAND GETKEYS SORT l BY w_* STORE d STORE e GET x -> ["l", "e"] | COMMAND GETKEYS SORT_RO l GET x -> ["l"]
        COMMAND GETKEYSANDFLAGS SORT l GET STORE STORE d -> [["l", [RO, access]], ["d", [OW, update]]]
        COMMAND GETKEYS SORT l -> ["l"]"#,
    );
}
