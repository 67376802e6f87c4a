//! The procedural macro behind `lightconv::lightnet!`: hands its tokens to the compiler and the compiler's output back.

use lightconv_compiler::Backends;
use proc_macro::TokenStream;

/// Compiles `{ path of the facade } items…`; `lightconv::lightnet!` puts its own path in front.
#[doc(hidden)]
#[proc_macro]
pub fn __lightnet(tokens: TokenStream) -> TokenStream {
    lightconv_compiler::expand(tokens.into(), BACKENDS).into()
}

/// Goes on when a block that an invocation imports was fetched: the block's macro calls it.
#[doc(hidden)]
#[proc_macro]
pub fn __lightnet_import(tokens: TokenStream) -> TokenStream {
    lightconv_compiler::expand_fetched(tokens.into(), BACKENDS).into()
}

const BACKENDS: Backends = Backends { avx2: cfg!(feature = "avx2"), avx512: cfg!(feature = "avx512") };
