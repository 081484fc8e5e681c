//! What tenants have for themselves: a cache of each, or, within a cache that they share, the keys of
//! each beneath a prefix of its own. Both are made when a tenant first asks. Knows no call.

use super::{Cache, Space};
use seatrial_contract::TenantId;
use seatrial_contract::units::Moment;
use seatrial_format::scenario::Cache as CacheFile;
use seatrial_kernel::statistics::TimeWeighted;

/// The caches of one section, by tenant.
pub(super) struct Own {
    file: CacheFile,
    of_tenant: Vec<Option<Box<Cache>>>,
}

impl Own {
    /// None where all ask the same cache.
    pub(super) fn new(file: &CacheFile) -> Option<Self> {
        file.one_per.is_some().then(|| Self { file: file.clone(), of_tenant: Vec::new() })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Cache> {
        self.of_tenant.iter().flatten().map(AsRef::as_ref)
    }
}

impl Cache {
    /// The cache that a tenant asks by this one's name: its own, where each has one.
    #[inline]
    pub(in super::super) fn of(&mut self, tenant: Option<TenantId>, now: Moment) -> &mut Self {
        // The format lets nobody but tenants ask what each has for itself.
        match tenant {
            Some(tenant) if self.own.is_some() => self.of_tenant(tenant, now),
            _ => self,
        }
    }

    fn of_tenant(&mut self, tenant: TenantId, now: Moment) -> &mut Self {
        let (dice, spaces) = (self.dice, &self.spaces);
        let own = self.own.as_mut().expect("asked only where each tenant has its own");
        if own.of_tenant.len() <= tenant.index() {
            own.of_tenant.resize_with(tenant.index() + 1, || None);
        }
        own.of_tenant[tenant.index()].get_or_insert_with(|| {
            let mut cache = Self::new(&CacheFile { one_per: None, ..own.file.clone() }, now, dice);
            let of = u64::from(tenant.0) + 1;
            cache.evicting.chance = dice.stream(of, cache.evicting.purpose);
            cache.spaces = spaces.iter().map(|space| space.empty(now)).collect();
            Box::new(cache)
        })
    }

    /// The space of a tenant's own keys beneath a prefix.
    pub(super) fn space_of(&mut self, prefix: u32, tenant: TenantId, now: Moment) -> u32 {
        let count = u32::try_from(self.spaces.len()).expect("spaces can be numbered");
        let base = &mut self.spaces[prefix as usize];
        if base.own.len() <= tenant.index() {
            base.own.resize(tenant.index() + 1, None);
        }
        let space = *base.own[tenant.index()].get_or_insert(count);
        if space == count {
            let empty = self.spaces[prefix as usize].empty(now);
            self.spaces.push(empty);
        }
        space
    }

    pub(super) fn is_each(&self) -> bool {
        self.own.is_some()
    }

    /// Those that it stands for: itself, or one for each tenant that asked.
    pub(super) fn all(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match &self.own {
            Some(own) => Box::new(own.all()),
            None => Box::new(core::iter::once(self)),
        }
    }

    pub(super) fn all_own(&mut self) -> impl Iterator<Item = &mut Self> {
        let own = self.own.iter_mut().flat_map(|own| &mut own.of_tenant);
        own.flatten().map(AsMut::as_mut)
    }

    /// Those of tenants, by tenant.
    pub(in super::super) fn own_by_tenant(&mut self) -> impl Iterator<Item = (usize, &mut Self)> {
        let own = self.own.iter_mut().flat_map(|own| own.of_tenant.iter_mut().enumerate());
        own.filter_map(|(tenant, cache)| Some((tenant, cache.as_deref_mut()?)))
    }

    /// The keys of a prefix: its own, and those of each tenant beneath it.
    pub(super) fn beneath(&self, prefix: u32) -> impl Iterator<Item = &Space> {
        let base = &self.spaces[prefix as usize];
        let own = base.own.iter().flatten().map(|at| &self.spaces[*at as usize]);
        core::iter::once(base).chain(own)
    }
}

impl Space {
    /// Keys of another tenant, of the same sizes.
    fn empty(&self, now: Moment) -> Self {
        Self {
            prefix: self.prefix.clone(),
            sizes: self.sizes.clone(),
            entries: TimeWeighted::new(now, 0),
            evictions: 0,
            own: Vec::new(),
        }
    }
}
