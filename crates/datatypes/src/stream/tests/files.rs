//! What files hold of a stream: the blocks that Redis would have made.

use encodings::listpack::{Element, Listpack};

use super::*;

/// A block as Redis has it, made anew whenever it is asked for.
struct Plain {
    id: Id,
    names: Vec<Vec<u8>>,
    entries: Vec<(Id, Fields, bool)>,
}

impl Plain {
    fn deleted(&self) -> usize {
        self.entries.iter().filter(|(.., is_deleted)| *is_deleted).count()
    }

    fn listpack(&self) -> Listpack {
        let mut listpack = Listpack::new();
        let deleted = self.deleted();
        for number in [self.entries.len() - deleted, deleted, self.names.len()] {
            listpack.push_back(Element::Integer(number as i64));
        }
        self.names.iter().for_each(|name| listpack.push_back(&name[..]));
        listpack.push_back(Element::Integer(0));
        self.entries.iter().for_each(|(id, fields, is_deleted)| {
            self.push_entry(&mut listpack, *id, fields, *is_deleted);
        });
        listpack
    }

    fn push_entry(&self, listpack: &mut Listpack, id: Id, fields: &Fields, is_deleted: bool) {
        let is_same = fields.iter().map(|(name, _)| name).eq(&self.names);
        let before = listpack.len();
        let mut push = |number: u64| listpack.push_back(Element::Integer(number.cast_signed()));
        push(u64::from(is_deleted) + 2 * u64::from(is_same));
        push(id.ms - self.id.ms);
        push(id.seq.wrapping_sub(self.id.seq));
        if !is_same {
            push(fields.len() as u64);
        }
        for (name, value) in fields {
            if !is_same {
                listpack.push_back(&name[..]);
            }
            listpack.push_back(&value[..]);
        }
        listpack.push_back(Element::Integer((listpack.len() - before) as i64));
    }
}

/// The blocks as Redis has them.
#[derive(Default)]
struct Plains(Vec<Plain>);

impl Plains {
    fn add(&mut self, id: Id, fields: Fields, limits: StreamLimits) {
        let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        let has_room = |block: &&mut Plain| {
            let is_short = limits.node_entries == 0 || block.entries.len() < limits.node_entries;
            let node_bytes = if limits.node_bytes == 0 { usize::MAX } else { limits.node_bytes };
            is_short && block.listpack().total_bytes() + bytes < node_bytes
        };
        match self.0.last_mut().filter(has_room) {
            Some(block) => block.entries.push((id, fields, false)),
            None => {
                let names = fields.iter().map(|(name, _)| name.clone()).collect();
                self.0.push(Plain { id, names, entries: vec![(id, fields, false)] });
            }
        }
    }

    fn remove(&mut self, goes: impl Fn(Id) -> bool) {
        for entry in self.0.iter_mut().flat_map(|block| &mut block.entries) {
            entry.2 |= goes(entry.0);
        }
        self.0.retain(|block| block.deleted() < block.entries.len());
    }

    fn add_both(&mut self, log: &mut Log, random: &mut fastrand::Rng, limits: StreamLimits) {
        let mut model = Model::new();
        add(log, &mut model, random, limits);
        model.into_iter().for_each(|(id, fields)| self.add(id, fields, limits));
    }

    fn trim_both(&mut self, log: &mut Log) {
        let first = Id { ms: log.marks().first_id.ms + 20, seq: 0 };
        log.trim(Trim { bound: Bound::From(first), only_blocks: false, limit: 0 });
        self.remove(|id| id < first);
    }
}

/// Writes a stream and reads it.
fn read_again(log: &Log) -> Log {
    let mut read = Log::default();
    for (id, bytes) in log.blocks() {
        let listpack = Listpack::from_bytes(&bytes).expect("a listpack");
        read.push_block(id, &listpack).expect("a block");
        assert_eq!(read.push_block(id, &listpack), Err(Damaged), "it stands there already");
    }
    read.set_marks(log.marks());
    read
}

#[test]
fn blocks_are_those_of_redis() {
    for (seed, limits) in [LIMITS; 3].into_iter().chain(OTHER_LIMITS).enumerate() {
        let mut random = fastrand::Rng::with_seed(seed as u64);
        let (mut log, mut plains) = (Log::default(), Plains::default());
        for step in 0..400 {
            match random.u32(..100) {
                0 => plains.trim_both(&mut log),
                1..40 => {
                    let id = random_id(&mut random, log.marks().last_id);
                    log.delete(id);
                    plains.remove(|there| there == id);
                }
                _ => plains.add_both(&mut log, &mut random, limits),
            }
            if step % 20 == 0 {
                let expected = plains.0.iter().map(|plain| (plain.id, plain.listpack().as_bytes().to_vec()));
                assert!(log.blocks().eq(expected), "step {step} with {limits:?}");
            }
            if step % 100 == 0 {
                log = read_again(&log);
            }
        }
    }
}

/// Identifiers may be anywhere, and be followed by any.
#[test]
fn identifiers_far_apart() {
    let max = u64::MAX;
    let parts = [(0, 1), (0, max), (1, 0), (1, 5), (7, 0), (max - 1, max), (max, 0), (max, max)];
    let mut log = Log::default();
    for (ms, seq) in parts {
        log.append(Id { ms, seq }, [b"a".as_slice(), b"b"].into_iter(), OTHER_LIMITS[1]);
    }
    let expected = parts.map(|(ms, seq)| Id { ms, seq });
    assert!(log.range(Id::MIN, Id::MAX).map(|entry| entry.id).eq(expected));
    assert!(log.range_back(Id::MIN, Id::MAX).map(|entry| entry.id).eq(expected.into_iter().rev()));
    assert_eq!((read_again(&log), log.block_count()), (log, 1));
}

/// What other programs may write: an entry that tells the names of the master entry again, integers as text.
#[test]
fn other_ways_to_write_the_same() {
    let text = |text: &'static [u8]| Element::Bytes(text);
    let numbers =
        |numbers: &[i64]| numbers.iter().map(|number| Element::Integer(*number)).collect::<Vec<_>>();
    let elements = [
        numbers(&[2, 1, 1]),
        vec![text(b"a"), Element::Integer(0)],
        [numbers(&[0, 0, 0, 1]), vec![text(b"a"), text(b"5")], numbers(&[6])].concat(),
        [numbers(&[3, 0, 4]), vec![text(b"6")], numbers(&[4])].concat(),
        [numbers(&[2, 9, -1]), vec![text(b"7")], numbers(&[4])].concat(),
    ];
    let listpack: Listpack = elements.concat().into_iter().collect();
    let (mut log, id) = (Log::default(), Id { ms: 1, seq: 3 });
    log.push_block(id, &listpack).expect("a block");
    assert!(log.blocks().eq([(id, listpack.as_bytes().to_vec())]));
    let shown: Vec<_> = log.range(Id::MIN, Id::MAX).map(shown).collect();
    let fields = |value: &[u8]| vec![(b"a".to_vec(), value.to_vec())];
    assert_eq!(shown, [(id, fields(b"5")), (Id { ms: 10, seq: 2 }, fields(b"7"))]);
}

#[test]
fn blocks_are_read_as_they_are_written() {
    let mut random = fastrand::Rng::with_seed(9);
    let (mut log, mut model) = (Log::default(), Model::new());
    (0..200).for_each(|_| add(&mut log, &mut model, &mut random, LIMITS));
    let ids: Vec<Id> = model.keys().copied().step_by(3).collect();
    ids.into_iter().for_each(|id| assert!(log.delete(id)));
    assert_eq!(read_again(&log), log);
}

/// Whatever stands in a block, it is refused or can be walked.
#[test]
fn damaged_blocks_are_refused() {
    let mut random = fastrand::Rng::with_seed(4);
    let (mut log, mut model) = (Log::default(), Model::new());
    (0..5).for_each(|_| add(&mut log, &mut model, &mut random, LIMITS));
    let (id, bytes) = log.blocks().next().expect("there is a block");
    let whole = Listpack::from_bytes(&bytes).expect("a listpack");
    let mut refused = 0;
    for _ in 0..5_000 {
        let mut listpack = whole.clone();
        let at = listpack.seek(random.i64(0..listpack.len() as i64)).expect("an element");
        let with = random.i64(-3..40);
        listpack.replace(at, if random.bool() { Element::Integer(with) } else { Element::Bytes(b"x") });
        let mut read = Log::default();
        match read.push_block(id, &listpack) {
            Ok(()) => {
                assert_eq!(read_again(&read), read);
                let all = read.range(Id::MIN, Id::MAX).map(|entry| entry.id);
                let mut back: Vec<Id> = read.range_back(Id::MIN, Id::MAX).map(|entry| entry.id).collect();
                back.reverse();
                assert!(all.eq(back));
            }
            Err(Damaged) => refused += 1,
        }
    }
    assert!(refused > 1_000, "{refused}");
}
