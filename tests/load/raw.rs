//! The raw limit beside the portal's rates: RocksDB alone, writing the bytes of a store that was filled before, in as many
//! transactions, each synced. `run-growth` beside it runs it.
//!
//!     raw STORE FOLDER TRANSACTIONS MESSAGES

use std::time::Instant;

use rocksdb::{DB, IteratorMode, OptimisticTransactionDB, Options};

type Pair = (Box<[u8]>, Box<[u8]>);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [store, folder, transactions, messages] = arguments.as_slice() else {
        panic!("a store, a folder, a number of transactions and of messages")
    };
    let transactions: usize = transactions.parse().expect("a number");
    let messages: f64 = messages.parse().expect("a number");
    let pairs = read(store);
    let bytes: usize = pairs.iter().map(|(key, value)| key.len() + value.len()).sum();
    let begun = Instant::now();
    write(folder, &pairs, transactions);
    let taken = begun.elapsed().as_secs_f64();
    println!(
        "RocksDB alone: {} keys and {} MB in {transactions} synced transactions in {taken:.1} s, {:.0} messages a second",
        pairs.len(),
        bytes / 1_000_000,
        messages / taken
    );
}

fn read(store: &str) -> Vec<Pair> {
    let db = DB::open_for_read_only(&Options::default(), store, false).expect("a store");
    db.iterator(IteratorMode::Start).map(|pair| pair.expect("a pair")).collect()
}

/// Each transaction has its part of the whole store, as messages to many accounts have.
fn write(folder: &str, pairs: &[Pair], transactions: usize) {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.set_write_buffer_size(128 * 1024 * 1024);
    options.set_manual_wal_flush(true);
    let db: OptimisticTransactionDB = OptimisticTransactionDB::open(&options, folder).expect("a folder");
    for first in 0..transactions {
        let transaction = db.transaction();
        for (key, value) in pairs.iter().skip(first).step_by(transactions) {
            transaction.put(key, value).expect("it is put");
        }
        transaction.commit().expect("it is committed");
        db.flush_wal(true).expect("it is synced");
    }
}
