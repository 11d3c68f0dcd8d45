//! What the process asks of the machine: files that nobody else reads, and as many open ones as it is allowed.

use rustix::{
    fs::Mode,
    process::{Resource, Rlimit, getrlimit, setrlimit, umask},
};

/// Open files that are not people's connections: the database's own, letters, listeners.
const RESERVED: u64 = 512;
/// Connections that a worker takes where the machine sets no limit.
const MOST_CONNECTIONS: u64 = 25_000;

/// Sets both, before anything is opened.
pub fn prepare() {
    umask(Mode::from_raw_mode(0o027));
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    if let Err(fault) = raised {
        tracing::warn!(%fault, "the number of open files could not be raised");
    }
}

/// How many connections each answering thread takes, so that the database and the operators' listener always have files
/// left: past that, new ones wait at the door.
pub fn connections_per_worker(workers: Option<usize>) -> usize {
    let workers = workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    per_worker(files, workers)
}

fn per_worker(files: u64, workers: usize) -> usize {
    let left = files.saturating_sub(RESERVED.min(files / 2));
    let share = left / u64::try_from(workers).unwrap_or(1);
    usize::try_from(share.clamp(16, MOST_CONNECTIONS)).unwrap_or(16)
}

#[cfg(test)]
mod tests {
    use super::per_worker;

    #[test]
    fn files_are_left_for_the_database() {
        assert_eq!(per_worker(1024, 2), 256);
        assert_eq!(per_worker(65_536, 4), 16_256);
        assert_eq!(per_worker(u64::MAX, 1), 25_000);
        assert_eq!(per_worker(64, 2), 16);
    }
}
