//! CONFIG SET: change options, all or none.

use crate::prelude::*;
use engine::config::{Caller, SetError};
use engine::facts::requests::ProcessRequest;
pub(super) const COMMAND: Command = Command {
    run: set,
    spec: Spec {
        name: "SET",
        summary: "Changes options, all that are named or none.",
        since: "2.0.0",
        complexity: "O(N) in the number of parameters named",
        group: Group::Server,
        arity: Arity::AtLeast(4),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE),
        args: &[Arg::block("parameter_value", &[Arg::string("parameter"), Arg::string("value")]).multiple()],
        history: &[("7.0.0", "Takes several pairs.")],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn set(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let mut pairs: Vec<(&[u8], &[u8])> = Vec::with_capacity(args.len() / 2);
    while !args.is_empty() {
        let name = args.next()?;
        if engine::config::is_secret(name) {
            ctx.hide_word(ctx.request.len() - args.len());
        }
        pairs.push((name, args.next()?));
    }
    let engine = &mut *ctx.engine;
    let caller = if ctx.client.card.is_local() { Caller::Local } else { Caller::Remote };
    let change = engine.config.prepare(&pairs, caller).map_err(refusal)?;
    let changed: Vec<&'static str> = change.changed().iter().collect();
    let old = engine.config.get(&changed);
    change.commit(&mut engine.config);
    if changed.contains(&"requirepass") {
        engine.acl.set_default_password(engine.config.security.requirepass.as_bytes());
    }
    if changed.is_empty() {
        ctx.reply.ok();
        return Ok(());
    }
    // Whoever carries out the effects outside of the configuration puts the old values back if that fails.
    let old = changed.into_iter().zip(old.into_iter().map(|(_, value)| value)).collect();
    Err(ctx.ask(ProcessRequest::ApplyOptions(old)))
}

fn refusal(error: SetError) -> Stop {
    match error {
        SetError::Unknown { name } => {
            Stop::quoting("ERR Unknown option or number of arguments for CONFIG SET - '", &name, "'")
        }
        known => Stop::from(known.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::facts::requests::ProcessRequest;

    #[test]
    fn changes_all_or_nothing_and_tells_the_process_the_old_values() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            "CONFIG SET maxmemory 1mb nosuch 1 -> ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'
             CONFIG GET maxmemory -> [\"maxmemory\", \"0\"]
             CONFIG SET maxmemory 0 -> OK
             CONFIG SET maxmemory 1mb timeout 5 -> waits
             CONFIG GET maxmemory -> [\"maxmemory\", \"1048576\"]",
        );
        let asked: Vec<_> = bench.node.engine.requests.iter().map(|asked| asked.request.clone()).collect();
        let mut old = vec![("maxmemory", b"0".to_vec()), ("timeout", b"0".to_vec())];
        old.sort_unstable_by_key(|(name, _)| *name != "timeout");
        assert_eq!(asked, [ProcessRequest::ApplyOptions(old)]);
    }

    #[test]
    fn refuses_half_a_pair() {
        check(
            "CONFIG SET a b c -> ERR syntax error | CONFIG SET a -> ERR wrong number of arguments for 'config|set' command",
        );
        check(
            "CONFIG SET port 7 port 8 -> ERR CONFIG SET failed (possibly related to argument 'port') - duplicate parameter",
        );
    }

    #[test]
    fn a_password_is_asked_for_at_once() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            "CONFIG SET requirepass secret -> waits | AUTH other -> WRONGPASS invalid username-password pair or user is disabled.",
        );
        bench.client(2).is_authenticated = false;
        check_on(
            &mut bench,
            "#2 PING -> NOAUTH Authentication required. | #2 AUTH secret -> OK | #2 PING -> PONG",
        );
    }
}
