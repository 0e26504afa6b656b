//! The machine of one order to follow: what happens to the link comes in, what is to be done goes out.
//!
//! After an action that has an outcome (connecting, beginning a copy, putting it in place) the machine waits for that
//! outcome; bytes that arrive meanwhile are held, so that a driver may hand over whatever it has read.

mod actions;
mod states;

pub use actions::{Action, CopyStart, Input, Situation};

use super::copy_end::{CopyEnd, parse_extent};
use super::ended::Ended;
use super::judge::{self, Comparison, Refusal, Verdict};
use super::lines::{Lines, without_end};
use super::offer::Offer;
use super::retry::Retry;
use crate::handshake::{Handshake, Next, Outcome};
use engine::facts::replication::LinkState;
use engine::facts::replication_events::{Cause, What};
use resp::request::append_multibulk;
use states::{State, Streaming};
use std::borrow::Cow;
use std::collections::VecDeque;

/// How often changes that were applied are acknowledged at least, in milliseconds.
const ACKNOWLEDGE_CHANGES_MS: u64 = 100;
/// How often the primary hears from us when there is nothing new, in milliseconds.
const ACKNOWLEDGE_MS: u64 = 1000;
/// How often a primary that was refused is looked at again, in milliseconds; after a copy that was refused less and less
/// often, up to the second figure: each costs the primary much.
const LOOK_AGAIN_MS: (u64, u64) = (1000, 60_000);

/// Where an order to follow stands.
#[derive(Debug)]
pub struct Machine {
    state: State,
    retry: Retry,
    lines: Lines,
    held: Vec<u8>,
    /// Finds the end of the copy that was begun.
    copy_end: Option<CopyEnd>,
    situation: Option<Box<Situation>>,
    /// When the primary was heard last, in milliseconds.
    heard_ms: u64,
    /// Copies that were refused one after the other.
    copies_refused: u32,
}

/// What is to be done, in order.
pub type Actions<'a> = VecDeque<Action<'a>>;

impl Machine {
    /// Begins to follow: the first [`Input::Tick`] connects.
    pub fn new(now_ms: u64) -> Machine {
        Machine {
            state: State::Waiting { until_ms: now_ms },
            retry: Retry::default(),
            lines: Lines::default(),
            held: Vec::new(),
            copy_end: None,
            situation: None,
            heard_ms: now_ms,
            copies_refused: 0,
        }
    }

    /// When [`Input::Tick`] is due if nothing else happens, in milliseconds; `None` while an outcome is awaited.
    pub fn wakes_at_ms(&self) -> Option<u64> {
        let silence = self.heard_ms + self.timeout_ms();
        match &self.state {
            State::Waiting { until_ms } => Some(*until_ms),
            State::Greeting(_) | State::CopyHeader(_) | State::Copying(_) => Some(silence),
            State::Streaming(streaming) => Some(silence.min(streaming.acknowledges_at_ms())),
            State::Awaiting(_) => None,
        }
    }

    /// What the link was made with; `None` before the first connection.
    pub fn situation(&self) -> Option<&Situation> {
        self.situation.as_deref()
    }

    /// Takes one input; what is to be done is appended to `actions`.
    pub fn step<'a>(&mut self, now_ms: u64, input: Input<'a>, actions: &mut Actions<'a>) {
        match input {
            Input::Tick => self.tick(now_ms, actions),
            Input::Received(bytes) => {
                self.heard_ms = now_ms;
                self.receive(now_ms, bytes, actions);
            }
            Input::Ended(ended) => self.end(now_ms, ended, actions),
            Input::Acknowledged { is_all } => {
                if let State::Streaming(streaming) = &mut self.state {
                    streaming.acknowledged(now_ms, is_all);
                }
            }
            outcome => self.outcome(now_ms, outcome, actions),
        }
    }

    fn tick(&mut self, now_ms: u64, actions: &mut Actions<'_>) {
        if self.wakes_at_ms().is_none_or(|at_ms| now_ms < at_ms) {
            return;
        }
        match &mut self.state {
            State::Waiting { .. } => {
                self.state = State::Awaiting(What::LinkFailed);
                actions.push_back(Action::Connect);
            }
            State::Streaming(streaming) if now_ms >= streaming.acknowledges_at_ms() => {
                streaming.asked_at(now_ms);
                actions.push_back(Action::Acknowledge);
            }
            _ => {
                let text = self.state.silence_words();
                self.end(now_ms, Ended::new(Cause::Silence, text), actions);
            }
        }
    }

    /// The outcome of an action.
    fn outcome(&mut self, now_ms: u64, outcome: Input<'_>, actions: &mut Actions<'_>) {
        let State::Awaiting(_) = self.state else { return };
        match outcome {
            Input::Connected(situation) => {
                self.heard_ms = now_ms;
                self.lines.clear();
                self.held.clear();
                let (handshake, first) = Handshake::begin(situation.greeting.clone());
                self.situation = Some(situation);
                self.state = State::Greeting(Box::new(handshake));
                actions.push_back(Action::Tell(LinkState::Handshake));
                actions.push_back(Action::Send(first));
            }
            Input::Continued | Input::Adopted => {
                self.copies_refused = 0;
                self.state = State::Streaming(Streaming::begun(now_ms));
                self.heard_ms = now_ms;
                actions.push_back(Action::Stream);
            }
            Input::CopyBegun => match self.copy_end.take() {
                Some(end) if !end.is_empty() => self.state = State::Copying(end),
                _ => actions.push_back(Action::EndCopy),
            },
            Input::CopyLoaded(comparison) => self.copy_loaded(now_ms, &comparison, actions),
            _ => {}
        }
        self.replay(now_ms, actions);
    }

    /// What arrived while an outcome was awaited.
    fn replay(&mut self, now_ms: u64, actions: &mut Actions<'_>) {
        if self.held.is_empty() || matches!(self.state, State::Awaiting(_)) {
            return;
        }
        let held = std::mem::take(&mut self.held);
        let mut replayed = Actions::new();
        self.receive(now_ms, &held, &mut replayed);
        actions.extend(replayed.into_iter().map(Action::into_owned));
    }

    fn receive<'a>(&mut self, now_ms: u64, bytes: &'a [u8], actions: &mut Actions<'a>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            match &mut self.state {
                State::Greeting(_) | State::CopyHeader(_) => match self.lines.take(&mut rest) {
                    Ok(Some(line)) => self.line(now_ms, &line, actions),
                    Ok(None) => return,
                    Err(_) => {
                        let ended = Ended::new(Cause::NotUnderstood, "a line of the primary is too long");
                        return self.end(now_ms, ended, actions);
                    }
                },
                State::Copying(end) => {
                    let piece = end.push(rest);
                    let parts = piece.parts.into_iter().filter(|part| !part.is_empty());
                    actions.extend(parts.map(Action::FeedCopy));
                    let Some(behind) = piece.behind else { return };
                    self.state = State::Awaiting(What::FullResyncFailed);
                    actions.push_back(Action::EndCopy);
                    rest = behind;
                }
                State::Streaming(streaming) => {
                    streaming.changed(now_ms);
                    actions.push_back(Action::Apply(Cow::Borrowed(rest)));
                    return;
                }
                State::Awaiting(_) => {
                    self.held.extend_from_slice(rest);
                    return;
                }
                State::Waiting { .. } => return,
            }
        }
    }

    fn line(&mut self, now_ms: u64, line: &[u8], actions: &mut Actions<'_>) {
        if let State::CopyHeader(start) = &mut self.state {
            let line = without_end(line);
            // Empty lines are a primary's way to say that it is still there.
            if line.is_empty() {
                return;
            }
            match parse_extent(line) {
                Ok(extent) => {
                    let start = CopyStart { extent, ..start.clone() };
                    self.copy_end = Some(CopyEnd::new(start.extent.clone()));
                    self.state = State::Awaiting(What::FullResyncFailed);
                    actions.push_back(Action::BeginCopy(start));
                }
                Err(text) => {
                    let cause = if line.first() == Some(&b'-') { Cause::Other } else { Cause::NotUnderstood };
                    self.end(now_ms, Ended::new(cause, text), actions);
                }
            }
            return;
        }
        let State::Greeting(handshake) = &mut self.state else { return };
        let is_order = handshake.awaits_take_over();
        let next = handshake.line(line);
        match &next {
            Ok(Next::Read) => {}
            Ok(_) if is_order => actions.push_back(Action::TookOver(Ok(()))),
            Err(ended) if is_order => actions.push_back(Action::TookOver(Err(ended.text.clone()))),
            _ => {}
        }
        match next {
            Ok(Next::Send(bytes)) => actions.push_back(Action::Send(bytes)),
            Ok(Next::Read) => {}
            Ok(Next::Offered(offer)) => self.offered(now_ms, &offer, actions),
            Ok(Next::Done(outcome)) => self.greeted(&outcome, actions),
            Err(ended) => self.end(now_ms, ended, actions),
        }
    }

    fn offered(&mut self, now_ms: u64, offer: &Offer, actions: &mut Actions<'_>) {
        let (State::Greeting(handshake), Some(situation)) = (&mut self.state, &mut self.situation) else {
            return;
        };
        situation.verdict = judge::judge(&situation.ours, offer);
        if let Verdict::Refuse(refusal) = situation.verdict.clone() {
            return self.refuse(now_ms, refusal, LOOK_AGAIN_MS.0, actions);
        }
        handshake.ask_for_past(&situation.ours.standing, offer);
        actions.push_back(Action::Send(handshake.go_on()));
    }

    fn greeted(&mut self, outcome: &Outcome, actions: &mut Actions<'_>) {
        let start = match *outcome {
            Outcome::Continue(id) => {
                self.state = State::Awaiting(What::LinkFailed);
                return actions.push_back(Action::Continue(id));
            }
            Outcome::FullCopy(id, offset) => CopyStart::of(Some((id, offset))),
            Outcome::OldFullCopy => {
                let mut sync = Vec::new();
                append_multibulk(&mut sync, [b"SYNC".as_slice()]);
                actions.push_back(Action::Send(sync));
                CopyStart::of(None)
            }
        };
        actions.push_back(Action::Tell(LinkState::Sync));
        actions.push_back(Action::ExpectCopy(start.from));
        self.state = State::CopyHeader(start);
    }

    fn copy_loaded(&mut self, now_ms: u64, comparison: &Comparison, actions: &mut Actions<'_>) {
        let Some(situation) = &self.situation else { return };
        let verdict = match &situation.verdict {
            Verdict::Compare => judge::judge_copy(&situation.ours, comparison),
            judged => judged.clone(),
        };
        if let Verdict::Refuse(refusal) = verdict {
            let wait_ms = LOOK_AGAIN_MS.0.saturating_mul(1 << self.copies_refused.min(16));
            self.copies_refused += 1;
            actions.push_back(Action::DropCopy);
            return self.refuse(now_ms, refusal, wait_ms.min(LOOK_AGAIN_MS.1), actions);
        }
        actions.push_back(Action::Adopt { keeps_old: verdict == Verdict::FollowKeeping });
    }

    fn refuse(&mut self, now_ms: u64, refusal: Refusal, wait_ms: u64, actions: &mut Actions<'_>) {
        self.held.clear();
        self.state = State::Waiting { until_ms: now_ms + wait_ms };
        actions.push_back(Action::Close);
        actions.push_back(Action::Refuse(refusal));
    }

    fn end(&mut self, now_ms: u64, ended: Ended, actions: &mut Actions<'_>) {
        let what = match &self.state {
            State::Waiting { .. } => return,
            State::Greeting(_) => What::LinkFailed,
            State::CopyHeader(_) | State::Copying(_) => What::FullResyncFailed,
            State::Streaming(_) => What::LinkLost,
            State::Awaiting(what) => *what,
        };
        let streamed_ms = match &self.state {
            State::Streaming(streaming) => streaming.lasted_ms(now_ms),
            _ => 0,
        };
        self.held.clear();
        let wait_ms = self.retry.failed(now_ms, streamed_ms, what == What::FullResyncFailed);
        self.state = State::Waiting { until_ms: now_ms + wait_ms };
        actions.push_back(Action::Close);
        actions.push_back(Action::Fail(what, ended));
    }

    fn timeout_ms(&self) -> u64 {
        self.situation.as_ref().map_or(u64::from(u32::MAX), |situation| situation.timeout_ms)
    }
}

#[cfg(test)]
mod tests;
