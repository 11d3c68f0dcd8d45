//! A batch for the printer: many PDFs as one. Each is read, written and forgotten, so that ten thousand letters take no more
//! memory than one; what they share, such as a colour profile, is written once. Their tags stay.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::File,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use lopdf::{Dictionary, Document, Object, ObjectId, Writer, dictionary};
use sha2::{Digest, Sha256};

/// What the batch's own objects are called.
const CATALOG: ObjectId = (1, 0);
const PAGES: ObjectId = (2, 0);
const STRUCTURE: ObjectId = (3, 0);
const PARENTS: ObjectId = (4, 0);
const FIRST: u32 = 5;
/// What a page takes from the nodes above it, unless it has its own.
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// Why a PDF can't be added.
#[derive(Debug, thiserror::Error)]
pub enum BatchFault {
    /// The disk refuses.
    #[error("the disk refuses: {0}")]
    Disk(#[from] io::Error),
    /// It is no PDF that can be read.
    #[error("no PDF: {0}")]
    Unreadable(#[from] lopdf::Error),
}

/// A batch that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many pages it has.
    pub pages: usize,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub hash: String,
}

/// A batch that is being written.
pub struct Batch {
    out: Counted,
    /// Where each object begins, by its number.
    offsets: BTreeMap<u32, u64>,
    next: u32,
    pages: Vec<Object>,
    kids: Vec<Object>,
    parents: Vec<(i64, Object)>,
    next_parent: i64,
    role_map: Option<Object>,
    shared: HashMap<[u8; 32], ObjectId>,
}

impl Batch {
    /// Begins a batch in a new file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn create(path: &Path) -> io::Result<Self> {
        // Letters hold codes: other users of the machine can't read them.
        let file = File::options().create(true).truncate(true).write(true).mode(0o640).open(path)?;
        let mut out = Counted { file: BufWriter::new(file), position: 0, hash: Sha256::new() };
        out.write_all(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(Self {
            out,
            offsets: BTreeMap::new(),
            next: FIRST,
            pages: Vec::new(),
            kids: Vec::new(),
            parents: Vec::new(),
            next_parent: 0,
            role_map: None,
            shared: HashMap::new(),
        })
    }

    /// Adds a PDF; says how many pages it has.
    ///
    /// # Errors
    /// When it can't be read; what was written before stays good.
    pub fn add(&mut self, pdf: &[u8]) -> Result<usize, BatchFault> {
        let mut document = Document::load_mem(pdf)?;
        document.renumber_objects_with(self.next);
        let pages: Vec<ObjectId> = document.page_iter().collect();
        for page in &pages {
            self.adopt(&mut document, *page)?;
        }
        let replaced = self.structure(&mut document)?;
        let merged = self.merge_shared(&mut document);
        let left_out = left_out(&document, &replaced);
        for (id, object) in &mut document.objects {
            self.next = self.next.max(id.0 + 1);
            if left_out.contains(id) || merged.contains_key(id) {
                continue;
            }
            redirect(object, &|reference| {
                if replaced.contains(&reference) { STRUCTURE } else { *merged.get(&reference).unwrap_or(&reference) }
            });
            shift_parent(object, self.next_parent);
            self.offsets.insert(id.0, self.out.position);
            write(&mut self.out, *id, object)?;
        }
        self.next_parent = self.parents.iter().map(|(key, _)| key + 1).max().unwrap_or(0).max(self.next_parent);
        self.pages.extend(pages.iter().map(|page| Object::Reference(*page)));
        Ok(pages.len())
    }

    /// Makes a page one of the batch.
    fn adopt(&self, document: &mut Document, page: ObjectId) -> Result<(), lopdf::Error> {
        let mut inherited = Vec::new();
        let mut node = document.get_dictionary(page)?.get(b"Parent").and_then(Object::as_reference).ok();
        while let Some(above) = node {
            let above = document.get_dictionary(above)?;
            inherited.extend(INHERITED.iter().filter_map(|key| Some((*key, above.get(key).ok()?.clone()))));
            node = above.get(b"Parent").and_then(Object::as_reference).ok();
        }
        let page = document.get_dictionary_mut(page)?;
        for (key, value) in inherited {
            if !page.has(key) {
                page.set(key, value);
            }
        }
        page.set("Parent", Object::Reference(PAGES));
        if let Ok(parents) = page.get(b"StructParents").and_then(Object::as_i64) {
            page.set("StructParents", parents + self.next_parent);
        }
        Ok(())
    }

    /// Takes a document's tags over; returns its own root of them, which the batch's replaces.
    fn structure(&mut self, document: &mut Document) -> Result<HashSet<ObjectId>, lopdf::Error> {
        let root = document.catalog()?.get(b"StructTreeRoot").and_then(Object::as_reference);
        let Ok(root) = root else { return Ok(HashSet::new()) };
        let tree = document.get_dictionary(root)?.clone();
        match tree.get(b"K") {
            Ok(Object::Array(kids)) => self.kids.extend(kids.iter().cloned()),
            Ok(kid) => self.kids.push(kid.clone()),
            Err(_) => {}
        }
        if let Ok(parents) = tree.get(b"ParentTree") {
            self.number_tree(document, parents)?;
        }
        if self.role_map.is_none() {
            self.role_map = tree.get_deref(b"RoleMap", document).ok().cloned();
        }
        Ok(HashSet::from([root]))
    }

    fn number_tree(&mut self, document: &Document, node: &Object) -> Result<(), lopdf::Error> {
        let node = document.dereference(node)?.1.as_dict()?;
        if let Ok(numbers) = node.get_deref(b"Nums", document).and_then(Object::as_array) {
            for pair in numbers.chunks_exact(2) {
                self.parents.push((pair[0].as_i64()? + self.next_parent, pair[1].clone()));
            }
        }
        if let Ok(kids) = node.get_deref(b"Kids", document).and_then(Object::as_array) {
            for kid in kids {
                self.number_tree(document, kid)?;
            }
        }
        Ok(())
    }

    /// Streams that an earlier document brought already, by the number of the one that is written.
    fn merge_shared(&mut self, document: &mut Document) -> HashMap<ObjectId, ObjectId> {
        let mut merged = HashMap::new();
        for (id, object) in &document.objects {
            let Object::Stream(stream) = object else { continue };
            if has_references(&stream.dict) {
                continue;
            }
            let mut text = Vec::new();
            if Writer::write_object(&mut text, object).is_err() {
                continue;
            }
            let first = *self.shared.entry(Sha256::digest(&text).into()).or_insert(*id);
            if first != *id {
                merged.insert(*id, first);
            }
        }
        merged
    }

    /// Ends the batch: the file is whole and on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(mut self, title: &str) -> io::Result<Written> {
        let count = self.pages.len();
        let as_integer = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let catalog = dictionary! {
            "Type" => "Catalog", "Pages" => PAGES, "StructTreeRoot" => STRUCTURE, "Lang" => Object::string_literal("en-US"),
            "MarkInfo" => dictionary! { "Marked" => true }, "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true },
        };
        let pages = dictionary! { "Type" => "Pages", "Count" => as_integer(count), "Kids" => self.pages };
        let mut structure = dictionary! {
            "Type" => "StructTreeRoot", "K" => self.kids, "ParentTree" => PARENTS, "ParentTreeNextKey" => self.next_parent,
        };
        if let Some(map) = self.role_map {
            structure.set("RoleMap", map);
        }
        self.parents.sort_by_key(|(key, _)| *key);
        let numbers: Vec<Object> =
            self.parents.into_iter().flat_map(|(key, value)| [Object::Integer(key), value]).collect();
        let parents = dictionary! { "Nums" => numbers };
        let info = (self.next, 0);
        let named = dictionary! { "Title" => Object::string_literal(title) };
        for (id, object) in
            [(CATALOG, catalog), (PAGES, pages), (STRUCTURE, structure), (PARENTS, parents), (info, named)]
        {
            self.offsets.insert(id.0, self.out.position);
            write(&mut self.out, id, &Object::Dictionary(object))?;
        }
        table(&mut self.out, &self.offsets, info)?;
        self.out.file.flush()?;
        self.out.file.get_ref().sync_all()?;
        Ok(Written { pages: count, bytes: self.out.position, hash: hex::encode(self.out.hash.finalize()) })
    }
}

/// What the batch has in its own way: the roots of the document's pages and tags, and what speaks of the document only.
fn left_out(document: &Document, replaced: &HashSet<ObjectId>) -> HashSet<ObjectId> {
    let mut left_out = replaced.clone();
    for key in [b"Root".as_slice(), b"Info"] {
        left_out.extend(document.trailer.get(key).and_then(Object::as_reference));
    }
    if let Ok(catalog) = document.catalog() {
        let own = [b"Metadata".as_slice(), b"Outlines", b"PageLabels"];
        left_out.extend(own.iter().filter_map(|key| catalog.get(key).and_then(Object::as_reference).ok()));
    }
    let is_own = |object: &Object| match object {
        Object::Dictionary(dict) => dict.has_type(b"Pages") || dict.has(b"Nums"),
        Object::Stream(stream) => stream.dict.has_type(b"ObjStm") || stream.dict.has_type(b"XRef"),
        _ => false,
    };
    left_out.extend(document.objects.iter().filter(|(_, object)| is_own(object)).map(|(id, _)| *id));
    left_out
}

fn has_references(dict: &Dictionary) -> bool {
    fn has(object: &Object) -> bool {
        match object {
            Object::Reference(_) => true,
            Object::Array(items) => items.iter().any(has),
            Object::Dictionary(dict) => has_references(dict),
            _ => false,
        }
    }
    dict.iter().any(|(_, value)| has(value))
}

/// Sends each reference where it leads now.
fn redirect(object: &mut Object, to: &impl Fn(ObjectId) -> ObjectId) {
    match object {
        Object::Reference(id) => *id = to(*id),
        Object::Array(items) => items.iter_mut().for_each(|item| redirect(item, to)),
        Object::Dictionary(dict) => dict.iter_mut().for_each(|(_, value)| redirect(value, to)),
        Object::Stream(stream) => stream.dict.iter_mut().for_each(|(_, value)| redirect(value, to)),
        _ => {}
    }
}

/// The key of what is no page and has its own entry in the tree of parents: a link.
fn shift_parent(object: &mut Object, by: i64) {
    if let Object::Dictionary(dict) = object
        && let Ok(key) = dict.get(b"StructParent").and_then(Object::as_i64)
    {
        dict.set("StructParent", key + by);
    }
}

fn write(out: &mut Counted, id: ObjectId, object: &Object) -> io::Result<()> {
    writeln!(out, "{} {} obj", id.0, id.1)?;
    Writer::write_object(out, object)?;
    out.write_all(b"\nendobj\n")
}

/// The table of where each object begins, and the file's end.
fn table(out: &mut Counted, offsets: &BTreeMap<u32, u64>, info: ObjectId) -> io::Result<()> {
    let (begin, size) = (out.position, offsets.keys().next_back().map_or(1, |last| last + 1));
    out.write_all(b"xref\n")?;
    writeln!(out, "0 {size}")?;
    out.write_all(b"0000000000 65535 f\r\n")?;
    for number in 1..size {
        match offsets.get(&number) {
            Some(offset) => write!(out, "{offset:010} 00000 n\r\n")?,
            None => out.write_all(b"0000000000 65535 f\r\n")?,
        }
    }
    let trailer = dictionary! { "Size" => i64::from(size), "Root" => CATALOG, "Info" => info };
    out.write_all(b"trailer\n")?;
    Writer::write_object(out, &Object::Dictionary(trailer))?;
    write!(out, "\nstartxref\n{begin}\n%%EOF\n")
}

/// A file that counts and hashes what is written.
struct Counted {
    file: BufWriter<File>,
    position: u64,
    hash: Sha256,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.position += count as u64;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
