//! Emits: the stages' results → Rust tokens. What a net generates is section 5 of the language's contract.
//!
//! | module | emits |
//! |---|---|
//! | `api` | the type, its constants and methods |
//! | `steps` | a function for each distinct step and backend, the forward of each backend, their dispatch |
//! | `call`, `operand` | the call of a step's kernel, and the operands that it is handed |
//! | `tables` | layers, weights and packing as constants |
//! | `text` | the plan and the graph, as text |
//! | `doc` | the documentation that `cargo doc` shows |
//! | `broken` | the same type for a net with errors |
//! | `stub` | the same type for a net whose blocks are still to be fetched |
//! | `editors` | names of layers, blocks and arguments once more, as what rust-analyzer understands |
//! | `export` | the macro by which other modules and crates fetch a block |

mod api;
mod broken;
mod call;
mod doc;
mod editors;
mod export;
mod operand;
mod steps;
mod stub;
mod tables;
mod text;
mod unary;

pub use broken::broken;
pub use editors::editors;
pub use export::exports;
pub use stub::stub;

use crate::arena::Layout;
use crate::cost::NetCost;
use crate::graph::Graph;
use crate::plan::Plan;
use proc_macro2::TokenStream;
use quote::quote;

/// Which backends to emit; the portable one always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backends {
    /// AVX2 + FMA.
    pub avx2: bool,
    /// AVX-512.
    pub avx512: bool,
}

/// All that is known of a net when it is emitted.
#[derive(Clone, Copy, Debug)]
pub struct Net<'a> {
    /// What it computes.
    pub graph: &'a Graph,
    /// What that costs.
    pub cost: &'a NetCost,
    /// How it runs.
    pub plan: &'a Plan,
    /// Where its buffers lie.
    pub layout: &'a Layout,
}

/// The tokens of a net; `krate` is the path of the facade.
#[must_use]
pub fn emit(net: Net, backends: Backends, krate: &TokenStream) -> TokenStream {
    let item = api::item(net, krate);
    let methods = api::methods(net, backends, krate);
    let tables = tables::tables(net);
    let steps = steps::steps(net, backends);
    let conditions = &net.graph.conditions;
    quote! {
        #item
        #conditions
        #[allow(clippy::all, deprecated)]
        const _: () = {
            use #krate::__private as rt;
            #tables
            #steps
            #methods
        };
    }
}
