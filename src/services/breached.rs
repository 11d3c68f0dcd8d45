//! Passwords that were stolen from other sites, looked up in a file on this machine (ASVS 6.2.12): nothing about a
//! password leaves it. The file is the one that “Have I Been Pwned” offers: a line for each password's SHA-1 in
//! hexadecimal, ordered, with a count behind a colon.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha1::{Digest, Sha1};

/// The hexadecimal digits of a SHA-1.
const HASH: usize = 40;
/// Longer than any line: a hash, a colon, a count and a line's end.
const LINE: usize = 64;
/// How many lines are looked at when the file is opened, to see that it is ordered.
const SAMPLES: u64 = 64;

/// The file; a clone is the same file.
#[derive(Clone)]
pub struct BreachedPasswords(Arc<Ordered>);

struct Ordered {
    file: File,
    path: PathBuf,
    length: u64,
}

impl BreachedPasswords {
    /// Opens the file.
    ///
    /// # Errors
    /// A sentence for the operator, when it can't be read or is no ordered list of hashes.
    pub fn open(path: &Path) -> Result<Self, String> {
        let name = |fault: io::Error| format!("SPRINGBOARD_BREACHED_PASSWORDS {}: {fault}", path.display());
        let file = File::open(path).map_err(name)?;
        let length = file.metadata().map_err(name)?.len();
        let ordered = Ordered { file, path: path.to_owned(), length };
        ordered.check().map_err(name)?;
        Ok(Self(Arc::new(ordered)))
    }

    /// Whether a password is in it. Reads from the disk: not on a thread that answers.
    ///
    /// # Errors
    /// When the file can't be read any more.
    pub fn contains(&self, password: &str) -> io::Result<bool> {
        let hash = hex::encode_upper(Sha1::digest(password.as_bytes()));
        let named = |fault| io::Error::other(format!("{}: {fault}", self.0.path.display()));
        self.0.find(hash.as_bytes()).map_err(named)
    }
}

impl Ordered {
    /// The binary search over lines whose lengths differ: `low` is always the start of a line.
    fn find(&self, wanted: &[u8]) -> io::Result<bool> {
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let (start, hash) = self.line_at(low + (high - low) / 2)?;
            match hash.as_slice().cmp(wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = self.after(start)?,
                std::cmp::Ordering::Greater => high = start,
            }
        }
        Ok(false)
    }

    /// The line that a byte belongs to: where it begins, and its hash.
    fn line_at(&self, byte: u64) -> io::Result<(u64, Vec<u8>)> {
        let from = byte.saturating_sub(LINE as u64);
        let before = self.read(from, usize::try_from(byte - from).unwrap_or(0))?;
        let start = match before.iter().rposition(|letter| *letter == b'\n') {
            Some(end) => from + end as u64 + 1,
            None if from == 0 => 0,
            None => return Err(not_a_list()),
        };
        let mut hash = self.read(start, HASH)?;
        hash.make_ascii_uppercase();
        if hash.len() < HASH || !hash.iter().all(u8::is_ascii_hexdigit) {
            return Err(not_a_list());
        }
        Ok((start, hash))
    }

    /// Where the line after the one that begins here begins.
    fn after(&self, start: u64) -> io::Result<u64> {
        let line = self.read(start, LINE)?;
        match line.iter().position(|letter| *letter == b'\n') {
            Some(end) => Ok(start + end as u64 + 1),
            None if start + line.len() as u64 == self.length => Ok(self.length),
            None => Err(not_a_list()),
        }
    }

    fn read(&self, from: u64, most: usize) -> io::Result<Vec<u8>> {
        let most = most.min(usize::try_from(self.length.saturating_sub(from)).unwrap_or(most));
        let mut bytes = vec![0; most];
        self.file.read_exact_at(&mut bytes, from)?;
        Ok(bytes)
    }

    /// Looks at lines all over the file: each is a hash, and none is below the one before.
    fn check(&self) -> io::Result<()> {
        let mut last = Vec::new();
        for sample in 0..SAMPLES {
            let (_, hash) = self.line_at(self.length / SAMPLES * sample)?;
            if hash < last {
                return Err(io::Error::other("the hashes are not in order; take the file that is ordered by hash"));
            }
            last = hash;
        }
        Ok(())
    }
}

fn not_a_list() -> io::Error {
    io::Error::other("a line is no SHA-1 in hexadecimal with a count, such as 0018A45C…:12")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn file(lines: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(lines.as_bytes()).unwrap();
        file
    }

    fn listed(passwords: &[String], end: &str) -> tempfile::NamedTempFile {
        let mut hashes: Vec<String> =
            passwords.iter().map(|password| hex::encode_upper(Sha1::digest(password.as_bytes()))).collect();
        hashes.sort_unstable();
        let line = |(count, hash): (usize, &String)| format!("{hash}:{}{end}", 10usize.pow(count as u32 % 9));
        file(&hashes.iter().enumerate().map(line).collect::<String>())
    }

    #[test]
    fn a_file_without_order_or_hashes_is_refused() {
        for wrong in [
            "",
            "no hashes\n",
            "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3\n0018A45C4D1DEF81644B54AB7F969B88D65E77A1:1\n",
        ] {
            assert!(BreachedPasswords::open(file(wrong).path()).is_err(), "{wrong}");
        }
        assert!(BreachedPasswords::open(Path::new("nowhere")).err().unwrap().contains("nowhere"));
    }

    #[test]
    fn small_letters_and_lines_without_counts_are_hashes_too() {
        let open = BreachedPasswords::open(file("5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8\n").path()).unwrap();
        assert!(open.contains("password").unwrap() && !open.contains("Password").unwrap());
    }

    proptest! {
        #[test]
        fn each_listed_password_is_found_and_no_other(
            passwords in proptest::collection::vec("[a-z]{1,6}", 1..80), other in "[A-Z]{1,6}", windows: bool,
        ) {
            let file = listed(&passwords, if windows { "\r\n" } else { "\n" });
            let open = BreachedPasswords::open(file.path()).unwrap();
            prop_assert!(passwords.iter().all(|password| open.contains(password).unwrap()));
            prop_assert!(!open.contains(&other).unwrap());
        }
    }
}
