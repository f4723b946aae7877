//! Searching on several threads: as fast as they can, and at a given rate.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{BenchQuery, Latencies, Latency};
use crate::error::Result;
use crate::search::Searcher;

/// How many searches some threads get done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Throughput {
    /// The threads.
    pub threads: usize,
    /// Searches a second, over all threads.
    pub queries_per_second: f64,
    /// How many searches were done.
    #[serde(default)]
    pub done: u64,
    /// How many were due; more than were done where the rate is more than the machine can do. `None` without a rate.
    #[serde(default)]
    pub due: Option<u64>,
    /// How long a search took; in an open loop from when it was due.
    pub latency: Latency,
}

/// Returns how many searches `threads` threads get done in about `duration`, each asking one query after the other.
pub fn throughput(
    searcher: &Searcher,
    queries: &[BenchQuery],
    threads: usize,
    duration: Duration,
) -> Result<Throughput> {
    run(searcher, queries, threads, duration, None)
}

/// Returns how long searches take that are due at a steady rate, a second, whether the ones before are done or not.
///
/// A search that waits because those before it were slow counts from when it was due, so that a pause of the machine is
/// seen by every search that it delays, and not by one alone (Tene's *coordinated omission*). At a rate beyond what the machine can do
/// it stops after twice the duration, and says how many searches were due and not done.
pub fn open_loop(
    searcher: &Searcher,
    queries: &[BenchQuery],
    threads: usize,
    duration: Duration,
    rate: f64,
) -> Result<Throughput> {
    run(searcher, queries, threads, duration, Some(rate))
}

fn run(
    searcher: &Searcher,
    queries: &[BenchQuery],
    threads: usize,
    duration: Duration,
    rate: Option<f64>,
) -> Result<Throughput> {
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let work = || -> Result<(Latencies, usize)> {
        let mut latencies = Latencies::new();
        let mut done = 0;
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(query) = queries.get(place % queries.len().max(1)) else {
                return Ok((latencies, done));
            };
            let due = match rate {
                Some(rate) => started + Duration::from_secs_f64(place as f64 / rate),
                None => Instant::now(),
            };
            if due.duration_since(started) >= duration {
                return Ok((latencies, done));
            }
            if started.elapsed() >= duration * 2 {
                return Ok((latencies, done));
            }
            thread::sleep(due.saturating_duration_since(Instant::now()));
            searcher.search(&query.text, &query.options())?;
            latencies.add(due.elapsed());
            done += 1;
        }
    };
    let results: Vec<Result<(Latencies, usize)>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined
            .map(|result| result.unwrap_or_else(|fault| std::panic::resume_unwind(fault)))
            .collect()
    });
    let took = started.elapsed();
    let mut latencies = Latencies::new();
    let mut searches = 0;
    for result in results {
        let (of_thread, done) = result?;
        latencies.merge(&of_thread);
        searches += done;
    }
    Ok(Throughput {
        threads: threads.max(1),
        done: searches as u64,
        // The one due at the start, and one each time the interval has passed before the end.
        due: rate.map(|rate| (rate * duration.as_secs_f64()).ceil() as u64),
        queries_per_second: searches as f64 / took.as_secs_f64().max(1e-9),
        latency: latencies.figures(),
    })
}
