//! What applications do with the asynchronous half of the crate `redis`, on Tokio.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, AsyncConnectionConfig, Client, PushKind, cmd, pipe};
use testkit::wait_for;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;

use super::crate_redis::library_client;
use crate::workers::{under_test, with_one_and_two_workers};

with_one_and_two_workers!(one_connection_for_many_tasks, a_connection_that_mends_itself, messages_as_pushes);

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Requests of many tasks go over one connection, and each gets its own reply.
fn one_connection_for_many_tasks(workers: u32) {
    let server = under_test(workers).start();
    for protocol in ["resp2", "resp3"] {
        let client = library_client(&server, protocol);
        runtime().block_on(ask_from_many_tasks(&client));
    }
}

async fn ask_from_many_tasks(client: &Client) {
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let mut redis = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
    let () = redis.flushall().await.unwrap();
    let mut tasks = JoinSet::new();
    for task in 0..50_u32 {
        let mut redis = redis.clone();
        tasks.spawn(async move {
            for number in 0..20_u32 {
                let key = format!("key:{task}:{number}");
                let (written, total): (u32, u32) = pipe()
                    .set(&key, task)
                    .ignore()
                    .get(&key)
                    .incr("total", 1)
                    .query_async(&mut redis)
                    .await
                    .unwrap();
                assert!(written == task && total > 0);
            }
        });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.unwrap();
    }
    let total: u32 = redis.get("total").await.unwrap();
    assert_eq!(total, 1000);
}

/// The connection manager connects again when its connection is killed.
fn a_connection_that_mends_itself(workers: u32) {
    let server = under_test(workers).start();
    for protocol in ["resp2", "resp3"] {
        let client = library_client(&server, protocol);
        runtime().block_on(lose_the_connection(client));
    }
}

async fn lose_the_connection(client: Client) {
    let config = ConnectionManagerConfig::new()
        .set_min_delay(Duration::from_millis(1))
        .set_response_timeout(None)
        .set_connection_timeout(None);
    let mut other = client.get_multiplexed_async_connection().await.unwrap();
    let mut redis = ConnectionManager::new_with_config(client, config).await.unwrap();
    let () = redis.set("k", "v").await.unwrap();
    for _ in 0..3 {
        let number: i64 = cmd("CLIENT").arg("ID").query_async(&mut redis).await.unwrap();
        let killed: u32 =
            cmd("CLIENT").arg(&["KILL", "ID"]).arg(number).query_async(&mut other).await.unwrap();
        assert_eq!(killed, 1);
        // The first request after the loss may tell of it; none is answered wrongly.
        let mut attempts = 0;
        while !redis.get::<_, String>("k").await.is_ok_and(|value| value == "v") {
            attempts += 1;
            assert!(attempts < 1000, "it does not connect again");
        }
    }
}

/// Over RESP3 messages and invalidations come as pushes beside the replies of one connection.
fn messages_as_pushes(workers: u32) {
    let server = under_test(workers).start();
    let client = library_client(&server, "resp3");
    runtime().block_on(async {
        let (sender, mut pushes) = unbounded_channel();
        let config = AsyncConnectionConfig::new().set_push_sender(sender);
        let mut redis = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
        let mut other = client.get_multiplexed_async_connection().await.unwrap();
        let () = redis.subscribe("news").await.unwrap();
        let () = cmd("CLIENT").arg(&["TRACKING", "ON"]).query_async(&mut redis).await.unwrap();
        let before: Option<String> = redis.get("k").await.unwrap();
        assert_eq!(before, None);
        let heard_by: u32 = other.publish("news", "hello").await.unwrap();
        let () = other.set("k", "v").await.unwrap();
        assert_eq!((heard_by, redis.get::<_, String>("k").await.unwrap().as_str()), (1, "v"));
        let mut kinds = Vec::new();
        while kinds.len() < 3 {
            kinds.push(pushes.recv().await.expect("the connection stands").kind);
        }
        assert_eq!(kinds, [PushKind::Subscribe, PushKind::Message, PushKind::Invalidate]);
    });
    let connected = || Some(server.info("clients").number("connected_clients")).filter(|count| *count == 1);
    wait_for("the library to hang up", connected);
}
