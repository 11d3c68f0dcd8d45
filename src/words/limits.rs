//! Ceilings that an operator may set. What is not set has the defaults of `requirements`, which suit an agency with a few
//! hundred thousand accounts on one small machine.

use std::time::Duration;

/// The ceilings.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a posted form may take to arrive.
    pub form_deadline: Duration,
    /// How long a form with files may take to arrive.
    pub upload_deadline: Duration,
    /// Requests of one address that wait for their answer.
    pub requests_per_address: usize,
    /// Open pages (event streams) of one person or staff member.
    pub streams_per_person: usize,
    /// Open pages of one address: many people may share one.
    pub streams_per_address: usize,
    /// Bytes of files that one person has staged and not sent.
    pub staged_bytes: u64,
    /// Bytes that the disk must have free for another file to be taken.
    pub free_disk: u64,
    /// Letters of a day, all together.
    pub letters_a_day: i64,
    /// Text messages of a day, all together.
    pub texts_a_day: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            form_deadline: Duration::from_secs(20),
            upload_deadline: Duration::from_secs(300),
            requests_per_address: 64,
            streams_per_person: 20,
            streams_per_address: 1000,
            staged_bytes: 100 * 1024 * 1024,
            free_disk: 512 * 1024 * 1024,
            letters_a_day: 5000,
            texts_a_day: 2000,
        }
    }
}
