//! Attributes: conditions hold for all that an item becomes, others for its type or macro.

#![deny(warnings)]
#![forbid(unsafe_code)]

mod blocks {
    lightconv::lightnet! {
        pub(crate) block There(x) { x -> ReLU }
        #[cfg(any())]
        pub block Gone(x) { x -> There }
        /// Twice not there.
        #[cfg_attr(all(), doc = "Never.", cfg(any()))]
        #[cfg(any())]
        block GoneToo(x) { x -> Gone }
        #[deprecated]
        block Old(x) { x -> Gone }
        pub(crate) net Uses(x: [4]) { x -> GoneToo -> Old }
    }
    pub(crate) struct Gone;
}

lightconv::lightnet! {
    #[cfg(any())]
    pub net Gone(x: [3, 8, 8]) { x -> ReLU }
    #[cfg_attr(all(), cfg(any()))]
    net GoneToo(x: [3, 8, 8]) { x -> ReLU }
    #[cfg(any())]
    pub net Either(x: [4]) { x -> Linear(2) }
    #[cfg(not(any()))]
    pub net Either(x: [4]) { x -> Linear(3) }
    #[deprecated = "there are better ones"]
    #[allow(non_camel_case_types)]
    #[cfg_attr(all(), must_use)]
    pub net old(x: [4]) { x -> Tanh }
}

macro_rules! with {
    ($($(#[$attribute:meta])* $name:ident)*) => {
        lightconv::lightnet! {
            use blocks::There;
            $($(#[$attribute])* net $name(x: [4]) { x -> There })*
        }
    };
}

with! {
    #[cfg(any())]
    #[deprecated]
    Imported
    #[cfg(all())]
    #[deprecated]
    #[allow(non_camel_case_types)]
    imported
}

struct Gone;
struct GoneToo;

fn main() {
    assert_eq!(Either::OUTPUT, [3]);
    assert_eq!(blocks::Uses::LAYERS.len(), 2);
    #[allow(deprecated)]
    let layers = (old::LAYERS.len(), imported::LAYERS.len());
    assert_eq!(layers, (1, 1));
    let _ = (Gone, GoneToo, blocks::Gone);
}
