//! Stores of objects, by age and price. Computes nothing.

use seatrial_contract::config::{Located, Name, element};
use seatrial_contract::units::{Bytes, Price, Span};

element! {
    /// A store of objects, such as an S3 bucket: what is written stays, gets cheaper with age, and goes.
    pub struct ObjectStore {
        /// The store's name, under which it is on the bill.
        name: Located<Name>,
        /// What is in it when the run begins, as if written then.
        holds: Located<Bytes> = Located::nowhere(Bytes::ZERO),
        /// What each tenant writes a day while it is awake.
        per_tenant: Located<Bytes> = Located::nowhere(Bytes::ZERO),
        /// What each bot writes a day while it runs.
        per_bot: Located<Bytes> = Located::nowhere(Bytes::ZERO),
        /// Classes of storage, from the youngest objects to the oldest.
        classes: Located<Vec<StorageClass>>,
        /// At this age they are deleted; never where left out.
        expires: Option<Located<Span>> = None,
    }
}

element! {
    /// A class of storage.
    pub struct StorageClass {
        /// The class's name.
        name: Located<Name>,
        /// The age at which objects come here.
        after: Located<Span> = Located::nowhere(Span::ZERO),
        /// What a GiB stored here costs.
        gib: Located<Price>,
    }
}
