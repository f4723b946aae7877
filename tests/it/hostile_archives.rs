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
    assert!(said.contains(" MiB, more than 8 MiB"), "{said}");
}

/// Returns an archive that holds some bytes and a list of files that is not packed.
fn with_list(packed: &[u8], list: &[u8]) -> Vec<u8> {
    let mut bytes = b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0".to_vec();
    bytes.extend((packed.len() as u64).to_le_bytes());
    bytes.extend((list.len() as u64).to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend([packed, list].concat());
    sign(&mut bytes);
    bytes
}

/// Returns a list of one file that is packed by a coder; `size` is that of both sides, `more` what is said of the file.
fn list(size: usize, coder: &[u8], files: &[u8]) -> Vec<u8> {
    let size = [0x80 | (size >> 8) as u8, size as u8];
    let streams = [&[1, 4, 6, 0, 1, 9][..], &size, &[0, 7, 11, 1, 0, 1], coder];
    let sizes = [&[12][..], &size, &[0, 8, 0, 0]];
    [streams.concat(), sizes.concat(), files.to_vec(), vec![0]].concat()
}

fn named_posts() -> Vec<u8> {
    let name: Vec<u8> = "Posts.xml\0"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    [&[5, 1, 17, name.len() as u8 + 1, 0][..], &name, &[0]].concat()
}

#[test]
fn an_archive_that_asks_for_more_memory_than_can_be_spared_is_skipped() {
    let sandbox = Sandbox::new();
    sandbox.file("corpus/page.md", "# What is a page?\n\nCommon words.\n");
    let posts = POSTS.as_bytes();
    let files = named_posts();
    let indexed = |coder: &[u8], files: &[u8]| {
        let bytes = with_list(posts, &list(posts.len(), coder, files));
        check(&sandbox, &format!("{coder:x?} {files:x?}"), &bytes)
    };
    // As it is, it is read.
    let said = indexed(&[1, 0], &files);
    assert!(said.contains("indexed 2 entries"), "{said}");
    // Dictionaries of 4 GiB, in one step or two.
    let unpacked = "MiB of memory to unpack, more than 1024 MiB";
    for coder in [
        &[0x23, 3, 1, 1, 5, 0x5d, 0xff, 0xff, 0xff, 0xff][..],
        &[0x21, 33, 1, 40],
        &[0x23, 3, 4, 1, 5, 6, 0, 0, 0, 0xf0],
    ] {
        let said = indexed(coder, &files);
        assert!(said.contains(unpacked), "{coder:x?}: {said}");
    }
    // Properties that are too short, several streams, a step that follows itself.
    let contradicts = "its list of files contradicts itself";
    for (coder, expected) in [
        (&[0x23, 3, 1, 1, 1, 0x5d][..], contradicts),
        (&[0x21, 33, 0], contradicts),
        (&[0x21, 33, 1, 41], contradicts),
        (&[0x11, 0, 4, 1], "it is packed in a way that is not known"),
        (&[0xff; 20], "it is packed in a way that is not known"),
    ] {
        let said = indexed(coder, &files);
        assert!(said.contains(expected), "{coder:x?}: {said}");
    }
    // More files than anyone has, names for others, and parts that lead back to where they begin.
    let huge = [0xfc, 0, 0, 0, 0, 0x10];
    let back = [0xff, 0xf5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    for files in [
        [&[5][..], &huge, &[0]].concat(),
        [&[5, 1, 25][..], &back, &[0]].concat(),
        [&[5, 1, 14, 10, 0, 25][..], &back, &[0]].concat(),
        [&[5, 2][..], &named_posts()[2..]].concat(),
    ] {
        let said = indexed(&[1, 0], &files);
        assert!(said.contains(contradicts), "{files:x?}: {said}");
    }
    // Every number in turn is as large as it can be.
    let whole = list(posts.len(), &[1, 0], &files);
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed.splice(at..=at, huge);
        check(
            &sandbox,
            &format!("huge at {at}"),
            &with_list(posts, &changed),
        );
    }
}
