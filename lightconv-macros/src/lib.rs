//! The procedural macro behind `lightconv::lightnet!`: hands its tokens to the compiler and the compiler's output back.

use lightconv_compiler::Backends;
use proc_macro::TokenStream;

/// Compiles `{ path of the facade } items…`; `lightconv::lightnet!` puts its own path in front.
#[doc(hidden)]
#[proc_macro]
pub fn __lightnet(tokens: TokenStream) -> TokenStream {
    let backends = Backends { avx2: cfg!(feature = "avx2"), avx512: cfg!(feature = "avx512") };
    lightconv_compiler::expand(tokens.into(), backends).into()
}
