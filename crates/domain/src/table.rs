//! Copy-on-write tables: a fork shares every page with its parent and pays only for the pages it touches.
//!
//! Entities are kept in pages behind reference counts. Cloning a table clones the counts; the first write to a
//! shared page copies that page. Each page caches the digest of its canonical encoding until it is written to,
//! so a state hash costs only what changed since the last one. Page borders depend on the index alone, so the
//! digest is the same on every machine.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::Id;

/// Entities in a page. Small enough that a fork's first write copies little, large enough that a million
/// entities are few pages.
const PAGE: usize = 64;

/// The 256-bit digest of a canonical encoding.
pub type Digest = [u8; 32];

/// A growing table of `T`, addressed by the dense id `I`.
#[derive(Debug)]
pub struct Table<I, T> {
    pages: Vec<Arc<Page<T>>>,
    len: usize,
    id: PhantomData<I>,
}

#[derive(Debug)]
struct Page<T> {
    items: Vec<T>,
    digest: OnceLock<Digest>,
}

impl<T: Clone> Clone for Page<T> {
    fn clone(&self) -> Self {
        // A page is cloned only to be written to: its digest would be stale at once.
        let mut items = Vec::with_capacity(PAGE);
        items.extend(self.items.iter().cloned());
        Self { items, digest: OnceLock::new() }
    }
}

impl<I, T> Clone for Table<I, T> {
    fn clone(&self) -> Self {
        Self { pages: self.pages.clone(), len: self.len, id: PhantomData }
    }
}

impl<I, T> Default for Table<I, T> {
    fn default() -> Self {
        Self { pages: Vec::new(), len: 0, id: PhantomData }
    }
}

impl<I: Id, T: Clone> Table<I, T> {
    /// How many entities there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The id the next entity will get.
    #[must_use]
    pub fn next_id(&self) -> I {
        I::from_index(self.len)
    }

    /// The entity, if the id has been given out.
    #[must_use]
    pub fn get(&self, id: I) -> Option<&T> {
        let index = id.index();
        self.pages.get(index / PAGE)?.items.get(index % PAGE)
    }

    /// The entity for writing; copies its page if a fork shares it.
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        let index = id.index();
        let page = Arc::make_mut(self.pages.get_mut(index / PAGE)?);
        page.digest = OnceLock::new();
        page.items.get_mut(index % PAGE)
    }

    /// Adds an entity and gives its id.
    pub fn push(&mut self, item: T) -> I {
        let id = self.next_id();
        if self.len.is_multiple_of(PAGE) {
            self.pages.push(Arc::new(Page { items: Vec::with_capacity(PAGE), digest: OnceLock::new() }));
        }
        let page =
            Arc::make_mut(self.pages.last_mut().expect("a page was pushed when the last one was full"));
        page.digest = OnceLock::new();
        page.items.push(item);
        self.len += 1;
        id
    }

    /// All entities in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> + '_ {
        self.pages
            .iter()
            .flat_map(|page| &page.items)
            .enumerate()
            .map(|(index, item)| (I::from_index(index), item))
    }

    /// How many pages this table does not share with `other`: what a fork has paid for.
    #[must_use]
    pub fn pages_apart(&self, other: &Self) -> usize {
        let shared = self.pages.iter().zip(&other.pages).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        self.pages.len().max(other.pages.len()) - shared
    }
}

impl<I: Id, T: Clone + Serialize> Table<I, T> {
    /// The digest of all entities. Costs the pages written to since the last call.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hasher = blake3::Hasher::new();
        for page in &self.pages {
            hasher.update(page.digest.get_or_init(|| digest_of(&page.items)));
        }
        *hasher.finalize().as_bytes()
    }

    /// The digest as [`Table::digest`] gives it, computed from nothing: what an audit compares with.
    #[must_use]
    pub fn digest_afresh(&self) -> Digest {
        let mut hasher = blake3::Hasher::new();
        for page in &self.pages {
            hasher.update(&digest_of(&page.items));
        }
        *hasher.finalize().as_bytes()
    }
}

impl<I, T: Serialize> Serialize for Table<I, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.pages.iter().flat_map(|page| &page.items).collect::<Vec<_>>())
    }
}

impl<'de, I: Id, T: Clone + Deserialize<'de>> Deserialize<'de> for Table<I, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Self::default();
        for item in Vec::<T>::deserialize(deserializer)? {
            table.push(item);
        }
        Ok(table)
    }
}

/// The digest of a value's canonical encoding (postcard: field order, variable-length integers, no padding).
///
/// # Panics
/// Never for the types of this crate: postcard refuses only values whose length is unknown beforehand.
#[must_use]
pub fn digest_of<T: Serialize + ?Sized>(value: &T) -> Digest {
    let bytes = postcard::to_stdvec(value).expect("domain types have known lengths, all postcard asks for");
    *blake3::hash(&bytes).as_bytes()
}

/// Shards of an index. A fork's first write to a shard copies one of these many parts.
const SHARDS: usize = 4096;

/// A name in an [`Index`] that is bound to a content: 96 bits of the name around 32 bits of the content, placed so that
/// all keys of one name lie side by side in one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyed(u128);

impl Keyed {
    const CONTENT_SHIFT: u32 = 16;
    const NAME_SHIFT: u32 = 48;
    const LOW: u128 = (1 << Self::CONTENT_SHIFT) - 1;

    /// The name's part.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let name = fingerprint("idempotency key", 0, name);
        Self((name >> Self::NAME_SHIFT << Self::NAME_SHIFT) | (name & Self::LOW))
    }

    /// The key of the name with this content.
    #[must_use]
    pub const fn with(self, content: u32) -> u128 {
        self.0 | (content as u128) << Self::CONTENT_SHIFT
    }
}

/// A copy-on-write map from 128-bit fingerprints to small values.
///
/// Fingerprints are spread evenly (they come from a hash), so their low bits choose the shard, and a shard is a
/// sorted list: fixed order, no hashing, cheap to copy.
#[derive(Debug)]
pub struct Index<V> {
    shards: Vec<Arc<Shard<V>>>,
    len: usize,
}

#[derive(Debug)]
struct Shard<V> {
    entries: Vec<(u128, V)>,
    digest: OnceLock<Digest>,
}

impl<V: Clone> Clone for Shard<V> {
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone(), digest: OnceLock::new() }
    }
}

impl<V> Clone for Index<V> {
    fn clone(&self) -> Self {
        Self { shards: self.shards.clone(), len: self.len }
    }
}

impl<V> Default for Index<V> {
    fn default() -> Self {
        let empty = Arc::new(Shard { entries: Vec::new(), digest: OnceLock::new() });
        Self { shards: vec![empty; SHARDS], len: 0 }
    }
}

impl<V: Clone> Index<V> {
    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What `key` stands for.
    #[must_use]
    pub fn get(&self, key: u128) -> Option<&V> {
        let shard = &self.shards[key as usize % SHARDS];
        let at = shard.entries.binary_search_by_key(&key, |entry| entry.0).ok()?;
        Some(&shard.entries[at].1)
    }

    /// Whether another key of the same [`Keyed`] stands for something: the same name with another content.
    #[must_use]
    pub fn has_sibling(&self, key: u128) -> bool {
        let shard = &self.shards[key as usize % SHARDS].entries;
        let name = |key: u128| (key >> Keyed::NAME_SHIFT, key & Keyed::LOW);
        let from = shard.partition_point(|entry| entry.0 >> Keyed::NAME_SHIFT < key >> Keyed::NAME_SHIFT);
        let near =
            shard[from..].iter().take_while(|entry| entry.0 >> Keyed::NAME_SHIFT == key >> Keyed::NAME_SHIFT);
        near.into_iter().any(|entry| entry.0 != key && name(entry.0) == name(key))
    }

    /// Sets what `key` stands for and gives what it stood for before.
    pub fn insert(&mut self, key: u128, value: V) -> Option<V> {
        let shard = Arc::make_mut(&mut self.shards[key as usize % SHARDS]);
        shard.digest = OnceLock::new();
        match shard.entries.binary_search_by_key(&key, |entry| entry.0) {
            Ok(at) => Some(std::mem::replace(&mut shard.entries[at].1, value)),
            Err(at) => {
                shard.entries.insert(at, (key, value));
                self.len += 1;
                None
            }
        }
    }

    /// Drops every entry for which `keep` says no, and gives how many those were.
    pub fn retain(&mut self, mut keep: impl FnMut(u128, &V) -> bool) -> usize {
        let before = self.len;
        for slot in &mut self.shards {
            if slot.entries.iter().all(|(key, value)| keep(*key, value)) {
                continue;
            }
            let shard = Arc::make_mut(slot);
            shard.digest = OnceLock::new();
            let had = shard.entries.len();
            shard.entries.retain(|(key, value)| keep(*key, value));
            self.len -= had - shard.entries.len();
        }
        before - self.len
    }
}

impl<V: Clone + Serialize> Index<V> {
    /// The digest of all entries. Costs the shards written to since the last call.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hasher = blake3::Hasher::new();
        for shard in &self.shards {
            if !shard.entries.is_empty() {
                hasher.update(shard.digest.get_or_init(|| digest_of(&shard.entries)));
            }
        }
        *hasher.finalize().as_bytes()
    }

    /// The digest as [`Index::digest`] gives it, computed from nothing.
    #[must_use]
    pub fn digest_afresh(&self) -> Digest {
        let mut hasher = blake3::Hasher::new();
        for shard in self.shards.iter().filter(|shard| !shard.entries.is_empty()) {
            hasher.update(&digest_of(&shard.entries));
        }
        *hasher.finalize().as_bytes()
    }
}

impl<V: Serialize> Serialize for Index<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.shards.iter().flat_map(|shard| &shard.entries).collect::<Vec<_>>())
    }
}

impl<'de, V: Clone + Deserialize<'de>> Deserialize<'de> for Index<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut index = Self::default();
        for (key, value) in Vec::<(u128, V)>::deserialize(deserializer)? {
            index.insert(key, value);
        }
        Ok(index)
    }
}

/// The fingerprint under which an outside name is looked up: 128 bits of a hash over its kind, scope and text.
///
/// It is not keyed: use it for names that are no secret (SKU codes, order numbers), never for personal data.
#[must_use]
pub fn fingerprint(kind: &str, scope: u32, name: &str) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(kind.len() as u32).to_le_bytes());
    hasher.update(kind.as_bytes());
    hasher.update(&scope.to_le_bytes());
    hasher.update(name.as_bytes());
    let bytes: [u8; 16] = hasher.finalize().as_bytes()[..16].try_into().expect("sixteen bytes of thirty-two");
    u128::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Index, Table, fingerprint};
    use crate::id::OrderId;

    #[test]
    fn a_fork_pays_for_what_it_touches_and_its_parent_does_not_see_it() {
        let mut parent = Table::<OrderId, u64>::default();
        for value in 0..1000 {
            parent.push(value);
        }
        let before = parent.digest();
        let mut fork = parent.clone();
        *fork.get_mut(OrderId(500)).unwrap() = 7;
        assert_eq!(fork.pages_apart(&parent), 1);
        assert_eq!(parent.get(OrderId(500)), Some(&500));
        assert_eq!(parent.digest(), before);
        assert_ne!(fork.digest(), before);
        *fork.get_mut(OrderId(500)).unwrap() = 500;
        assert_eq!(fork.digest(), before, "the digest depends on the content alone");
        assert_eq!(fork.digest(), fork.digest_afresh());
    }

    #[test]
    fn a_table_and_an_index_come_back_from_their_encoding() {
        let mut table = Table::<OrderId, String>::default();
        let mut index = Index::default();
        for n in 0..200_u32 {
            table.push(format!("order {n}"));
            index.insert(fingerprint("order", 1, &n.to_string()), n);
        }
        let again: Table<OrderId, String> =
            postcard::from_bytes(&postcard::to_stdvec(&table).unwrap()).unwrap();
        assert_eq!(again.digest(), table.digest());
        let again: Index<u32> = postcard::from_bytes(&postcard::to_stdvec(&index).unwrap()).unwrap();
        assert_eq!(again.digest(), index.digest());
        assert_eq!(again.get(fingerprint("order", 1, "17")), Some(&17));
        assert_eq!(again.get(fingerprint("order", 2, "17")), None);
        let mut fewer = index.clone();
        assert_eq!(fewer.retain(|_, value| *value >= 50), 50);
        assert_eq!((fewer.len(), index.len()), (150, 200));
    }
}
