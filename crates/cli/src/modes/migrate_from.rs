//! `--migrate-from`: makes a server the successor of another one, without losing a write: looks at both, copies, follows,
//! compares samples, cuts over, and keeps a way back where it is wanted. `docs/migration.md` tells it whole.

use std::io::{self, BufRead, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::Failure;
use crate::args::{Migration as Choices, Options};
use crate::run::print;

mod amounts;
mod cut_over;
mod facts;
mod peer;
mod preflight;
mod sampler;
mod settle;
mod survey;
mod undo;
mod value;
mod watch;

use facts::{Facts, Product};
use peer::{Peer, PeerError};
use sampler::Sampler;
use survey::Survey;
use undo::{Side, Undo};
use watch::{Sight, Stage, TargetSight, Watch};

/// Between two looks at both servers.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Between two lines of progress that are not on a terminal, unless `-i` says otherwise.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// How long samples are compared between two looks.
const SAMPLE_FOR: Duration = Duration::from_millis(40);
/// How many keys are compared before a cut-over that nobody has to ask for.
const COMPARED_FIRST: u64 = 100;
/// How long is waited for that many.
const COMPARE_AT_MOST: Duration = Duration::from_secs(10);

/// Failed or interrupted, and everything is as it was.
const STATUS_PUT_BACK: u8 = 2;
/// Cut over, but something is left to be done by hand.
const STATUS_UNFINISHED: u8 = 3;
/// Failed, and something could not be put back.
const STATUS_NOT_PUT_BACK: u8 = 4;

/// Why a migration does not come to its end.
#[derive(Debug)]
enum Trouble {
    /// With this reason.
    Failed(String),
    /// Somebody wanted it to end.
    Interrupted,
    /// The target may or may not be a primary by now.
    Unknown(String),
}

impl From<PeerError> for Trouble {
    fn from(error: PeerError) -> Trouble {
        Trouble::Failed(error.to_string())
    }
}

/// A migration under way.
struct Migration {
    source: Peer,
    target: Peer,
    source_product: Product,
    target_product: Product,
    options: Choices,
    undo: Undo,
    interrupted: Arc<AtomicBool>,
    line_every: Duration,
    was_empty: bool,
    /// The target's address as the source sees it.
    seen_target_host: Option<String>,
}

/// Says a line; that nobody reads it is no reason to stop.
fn say(text: &str) {
    let start = if crate::is_watched() { "\r\x1b[K" } else { "" };
    let _ = print(format!("{start}{text}\n").as_bytes());
}

/// Migrates to the server of the options.
pub fn run(options: &Options, uri: &str) -> Result<(), Failure> {
    let told = |error: PeerError| Failure::Message(error.to_string());
    let mut source = Peer::open("source", &source_options(options, uri)?).map_err(told)?;
    let mut target = Peer::open("target", options).map_err(told)?;
    let survey = survey::take(&mut source, &mut target).map_err(told)?;
    let report = preflight::judge(&survey, options.migration);
    say(&report.text());
    if !report.stops.is_empty() {
        return Err(Failure::Message("Nothing was changed.".into()));
    }
    if options.migration.only_looks {
        say("Nothing stands in the way. Nothing was changed.");
        return Ok(());
    }
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, interrupted.clone())
            .map_err(|error| Failure::Message(error.to_string()))?;
    }
    let interval = options.interval;
    let mut migration = Migration {
        source,
        target,
        source_product: survey.source.product(),
        target_product: survey.target.product(),
        options: options.migration,
        undo: Undo::default(),
        interrupted,
        line_every: if interval.is_zero() { LINE_EVERY } else { interval },
        was_empty: survey.target.keys() == 0,
        seen_target_host: None,
    };
    migration.carry_out(&survey)
}

/// Where the source is, and who we are there.
fn source_options(options: &Options, uri: &str) -> Result<Options, Failure> {
    if uri.starts_with("rediss://") || uri.starts_with("valkeys://") {
        let text = "rediss:// needs TLS, which neither ochre-cli nor ochre-server speaks yet: use a tunnel, or redis:// in a \
            network that you trust";
        return Err(Failure::Message(text.into()));
    }
    let uri = uri.strip_prefix("valkey://").map_or_else(|| uri.to_owned(), |rest| format!("redis://{rest}"));
    let mut source = options.at(&uri).map_err(|refusal| Failure::Message(refusal.to_string()))?;
    if let Some(password) = std::env::var_os("OCHRE_SOURCE_AUTH").filter(|password| !password.is_empty()) {
        source.password = Some(std::os::unix::ffi::OsStringExt::into_vec(password));
    }
    Ok(source)
}

impl Migration {
    fn carry_out(&mut self, survey: &Survey) -> Result<(), Failure> {
        let is_linked = preflight::is_linked(survey);
        let outcome =
            self.link(is_linked).and_then(|()| self.follow(preflight::expected_bytes(&survey.source)));
        let gap = match outcome.and_then(|()| cut_over::run(self)) {
            Ok(gap) => gap,
            Err(trouble) => return Err(self.give_up(&trouble)),
        };
        say(&format!(
            "The target is a primary and takes writes. Nobody could write for {:.1} ms.",
            gap.as_secs_f64() * 1000.0
        ));
        let failures = undo::run_steps(self.target_options(), &mut self.target);
        let is_settled = if self.options.keeps_way_back {
            settle::open_way_back(self)
        } else {
            settle::close_source(self)
        };
        if failures > 0 || !is_settled {
            return Err(Failure::Status(STATUS_UNFINISHED));
        }
        say("Done. Point the clients to the target.");
        Ok(())
    }

    /// What is put back at the target when it has become a primary: its options, not its role.
    fn target_options(&mut self) -> Vec<undo::Step> {
        let mut steps = self.undo.take(Side::Target);
        steps.retain(|step| step.words.first().is_some_and(|word| word == b"CONFIG"));
        steps
    }

    /// Makes the target follow the source.
    fn link(&mut self, is_linked: bool) -> Result<(), Trouble> {
        if is_linked {
            return Ok(());
        }
        let Some((host, port)) = self.source.host_and_port() else {
            return Err(Trouble::Failed("the source needs an address that the target can reach".into()));
        };
        let (user, password) = self.source.credentials.clone();
        for (name, value) in [("masterauth", password), ("masteruser", user)] {
            self.set_target_option(name, &value.unwrap_or_default())?;
        }
        let word = self.target_product.replicaof();
        if self.was_empty {
            self.undo.note(Side::Target, &[b"FLUSHALL"], "the target is empty");
        }
        self.undo.note(Side::Target, &[word.as_bytes(), b"NO", b"ONE"], "the target is a primary");
        self.target.order(&[word, &host, &port.to_string()])?;
        say("The target follows the source.");
        Ok(())
    }

    /// Sets an option of the target and notes its value of before; where it is right already, nothing happens.
    fn set_target_option(&mut self, name: &str, value: &[u8]) -> Result<(), Trouble> {
        let Some(before) = self.target.option(name) else {
            if value.is_empty() {
                return Ok(());
            }
            return Err(Trouble::Failed(format!(
                "the target does not tell its option {name}, which has to be set"
            )));
        };
        if before != value {
            let words: [&[u8]; 4] = [b"CONFIG", b"SET", name.as_bytes(), &before];
            self.undo.note(Side::Target, &words, &format!("the target's option {name}"));
            self.target.order(&[b"CONFIG".as_slice(), b"SET", name.as_bytes(), value])?;
        }
        Ok(())
    }

    /// Follows until it is time to cut over.
    fn follow(&mut self, expected_bytes: u64) -> Result<(), Trouble> {
        let mut watch = Watch::new(expected_bytes);
        let began = Instant::now();
        let mut teller = Teller { every: self.line_every, last: None };
        let orders = if self.options.cuts_over { None } else { Some(read_orders()) };
        let mut wants_cut_over = self.options.cuts_over;
        let mut sampling: Option<(Sampler, Instant)> = None;
        loop {
            self.check_interrupted()?;
            let (sight, facts) = self.look(began);
            let has_changed = watch.see(sight).map_err(Trouble::Failed)?;
            if watch.stage() == Stage::Following {
                let (sampler, _) = sampling.get_or_insert_with(|| {
                    (Sampler::new(&mut self.source, &mut self.target), Instant::now())
                });
                // A server that cannot be asked is noticed by the next look.
                let _ = sampler.work(&mut self.source, &mut self.target, &facts.databases(), SAMPLE_FOR);
            }
            let summary = sampling.as_ref().map(|(sampler, _)| sampler.summary());
            teller.tell(&watch.line(), summary.as_deref(), has_changed);
            wants_cut_over |= wants_now(orders.as_ref())?;
            if let Some((sampler, since)) = &sampling
                && wants_cut_over
                && watch.is_in_step()
                && (sampler.compared >= COMPARED_FIRST
                    || since.elapsed() > COMPARE_AT_MOST
                    || facts.keys() == 0)
            {
                return self.allow(sampler);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Samples that differ forbid the cut-over.
    fn allow(&self, sampler: &Sampler) -> Result<(), Trouble> {
        say(&format!("In step. {}.", sampler.summary()));
        if sampler.different > 0 && !self.options.is_forced {
            return Err(Trouble::Failed("the target does not hold what the source holds".into()));
        }
        Ok(())
    }

    fn check_interrupted(&self) -> Result<(), Trouble> {
        if self.interrupted.load(Ordering::Relaxed) { Err(Trouble::Interrupted) } else { Ok(()) }
    }

    /// Asks both; also returns the source's facts.
    fn look(&mut self, began: Instant) -> (Sight, Facts) {
        let source = self.source.info(&["replication", "keyspace"]).ok();
        let target = self.target.info(&["replication"]).ok();
        if let (Some(facts), Some((_, port))) = (&source, self.target.host_and_port()) {
            self.seen_target_host = facts.replica_address(port).or(self.seen_target_host.take());
        }
        let sight = Sight {
            at_ms: began.elapsed().as_millis() as u64,
            source_offset: source.as_ref().map(|facts| facts.count("master_repl_offset")),
            target: target.as_ref().map(|facts| TargetSight {
                follows: !facts.is_primary(),
                is_linked: facts.text("master_link_status") == "up",
                is_copying: facts.text("master_sync_in_progress") == "1",
                read_bytes: facts.count("master_sync_read_bytes"),
                total_bytes: facts.count("master_sync_total_bytes"),
                offset: facts.count("slave_repl_offset"),
            }),
        };
        (sight, source.unwrap_or_default())
    }

    /// Puts back what was changed, and says so.
    fn give_up(&mut self, trouble: &Trouble) -> Failure {
        match trouble {
            Trouble::Interrupted => say("Interrupted."),
            Trouble::Failed(reason) => say(&format!("Given up: {reason}.")),
            Trouble::Unknown(reason) => return self.leave_closed(reason),
        }
        // Others may have made it a primary and written to it: then it is theirs.
        if self.target.info(&["replication"]).is_ok_and(|facts| facts.is_primary()) {
            let steps = self.target_options();
            steps.into_iter().rev().for_each(|step| self.undo.put(step));
        }
        if !self.was_empty {
            say("The keys that the target held before may have been replaced: they are not put back.");
        }
        match self.undo.run(&mut self.source, &mut self.target) {
            0 => Failure::Status(STATUS_PUT_BACK),
            _ => Failure::Status(STATUS_NOT_PUT_BACK),
        }
    }

    /// If the target has become a primary, writes at the source would be lost: it stays closed until somebody has looked.
    fn leave_closed(&mut self, reason: &str) -> Failure {
        let is_closed = cut_over::close_gate(self).is_ok();
        say(&format!(
            "The target was told to become a primary and does not answer: {reason}. Look at its role (INFO replication): if it \
             is a replica, the source may take writes again: CONFIG SET min-slaves-to-write 0."
        ));
        if !is_closed {
            say("The source could not be closed: it takes writes again within 15 s.");
        }
        Failure::Status(STATUS_NOT_PUT_BACK)
    }
}

/// Whether the cut-over was asked for just now; an order to stop is trouble.
fn wants_now(orders: Option<&Receiver<String>>) -> Result<bool, Trouble> {
    match orders.and_then(|orders| orders.try_recv().ok()).as_deref() {
        Some("cutover") => return Ok(true),
        Some("stop") => return Err(Trouble::Interrupted),
        Some("") | None => {}
        Some(other) => say(&format!("\"{other}\"? Type \"cutover\" or \"stop\".")),
    }
    Ok(false)
}

/// Lines that are typed while the target follows.
fn read_orders() -> Receiver<String> {
    let (sender, receiver) = channel();
    if io::stdin().is_terminal() {
        say("Type \"cutover\" to cut over when the target is in step, \"stop\" to give up.");
    }
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line.trim().to_lowercase()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Prints progress: over and over on one line of a terminal, else now and then.
struct Teller {
    every: Duration,
    last: Option<Instant>,
}

impl Teller {
    fn tell(&mut self, line: &str, summary: Option<&str>, is_news: bool) {
        let text = summary.map_or_else(|| line.to_owned(), |summary| format!("{line}; {summary}"));
        if crate::is_watched() {
            let _ = print(format!("\r\x1b[K{text}").as_bytes());
        } else if is_news || self.last.is_none_or(|last| last.elapsed() >= self.every) {
            self.last = Some(Instant::now());
            say(&text);
        }
    }
}
