//! Archives that are not what they say, with checksums that are right: what can be read is, and nothing else happens.

use std::fs;

use crate::corruption::run;
use crate::support::Sandbox;

const POSTS: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<posts>\n\
    <row Id=\"1\" PostTypeId=\"1\" Title=\"What is a page?\" Body=\"&lt;p&gt;Common words.&lt;/p&gt;\" />\n\
    </posts>\n";

/// Where the header that comes first says where the other one is.
const HEADER_BYTES: usize = 32;

/// Returns a sound archive.
fn archive(sandbox: &Sandbox) -> Vec<u8> {
    let path = sandbox.path("whole.7z");
    let mut archive = sevenz_rust2::ArchiveWriter::create(&path).expect("a file");
    for name in ["Posts.xml", "Users.xml"] {
        let entry = sevenz_rust2::ArchiveEntry::new_file(name);
        archive
            .push_archive_entry(entry, Some(POSTS.as_bytes()))
            .expect("is written");
    }
    archive.finish().expect("is written");
    fs::read(path).expect("reads")
}

fn number(bytes: &[u8], at: usize) -> usize {
    let number = bytes[at..at + 8].try_into().expect("eight bytes");
    u64::from_le_bytes(number) as usize
}

/// Makes the checksums of both headers right.
fn sign(bytes: &mut [u8]) {
    let start = HEADER_BYTES.saturating_add(number(bytes, 12));
    let end = start.saturating_add(number(bytes, 20));
    if let Some(header) = bytes.get(start..end) {
        let checksum = crc32fast::hash(header).to_le_bytes();
        bytes[28..32].copy_from_slice(&checksum);
    }
    let checksum = crc32fast::hash(&bytes[12..32]).to_le_bytes();
    bytes[8..12].copy_from_slice(&checksum);
}

/// Indexes an archive beside a page, and returns what is said of it.
fn check(sandbox: &Sandbox, what: &str, bytes: &[u8]) -> String {
    fs::write(sandbox.path("corpus/a.example.org.7z"), bytes).expect("is written");
    let ran = run(
        sandbox,
        &["index", "corpus", "--rebuild", "--index", "index"],
    );
    assert_eq!(ran.code, Some(0), "{what}: {ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{what}: {ran:?}");
    let (found, _) = ran.stderr.split_once("indexed ").expect("says what it did");
    let is_told = found.contains("skipped: corpus/a.example.org.7z")
        || ran.stderr.contains("indexed 2 entries")
        || ran.stderr.contains("without entries")
        || ran.stderr.contains("of another kind");
    assert!(is_told, "{what}: {ran:?}");
    ran.stderr
}

#[test]
fn an_archive_that_lies_is_skipped() {
    let sandbox = Sandbox::new();
    sandbox.file("corpus/page.md", "# What is a page?\n\nCommon words.\n");
    let whole = archive(&sandbox);
    let said = check(&sandbox, "sound", &whole);
    assert!(said.contains("indexed 2 entries"), "{said}");
    // A header somewhere else, or of a size that no memory has.
    for at in [12, 20] {
        for said in [
            u64::MAX,
            u64::MAX / 2,
            1 << 45,
            1 << 33,
            whole.len() as u64,
            0,
        ] {
            let mut bytes = whole.clone();
            bytes[at..at + 8].copy_from_slice(&said.to_le_bytes());
            sign(&mut bytes);
            check(&sandbox, &format!("{said} at {at}"), &bytes);
        }
    }
    // A list of files that is packed, and longer than anything can be.
    let list = HEADER_BYTES + number(&whole, 12);
    let coder = [0x23, 3, 1, 1, 5];
    let found = whole[list..]
        .windows(coder.len())
        .position(|window| window == coder);
    let size = list + found.expect("is packed with LZMA") + coder.len() + 5 + 1;
    assert_eq!(
        (whole[list], whole[size - 1]),
        (0x17, 0x0c),
        "a packed list, and its size"
    );
    let digits = if whole[size] < 0x80 { 1 } else { 2 };
    let mut bytes = whole.clone();
    bytes.splice(size..size + digits, [0xff; 9]);
    let length = number(&whole, 20) + 9 - digits;
    bytes[20..28].copy_from_slice(&(length as u64).to_le_bytes());
    sign(&mut bytes);
    let said = check(&sandbox, "an endless list", &bytes);
    assert!(
        said.contains("its list of files contradicts itself"),
        "{said}"
    );
}
