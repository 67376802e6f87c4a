//! The generated code as a file, to be read: `LIGHTCONV_DUMP=dir cargo build` writes `dir/<crate>/<Net>.rs`, with the cargo
//! feature `dump`.

#[cfg(feature = "dump")]
mod format;

use crate::diagnostics::{Diagnostic, Diagnostics};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::path::Path;

/// The environment variable that names the folder.
const VARIABLE: &str = "LIGHTCONV_DUMP";

/// Makes cargo build the user's crate again when the variable is set, unset or changed.
pub(crate) fn rebuild() -> TokenStream {
    quote! {
        const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!(#VARIABLE);
    }
}

/// Writes what was generated for the net `name` if the environment asks for it. That it cannot be written is an error: whoever
/// set the variable waits for the file.
pub(crate) fn dump(name: &Ident, tokens: &TokenStream, diagnostics: &Diagnostics) {
    let Some(dir) = std::env::var_os(VARIABLE).filter(|dir| !dir.is_empty()) else { return };
    if let Err(error) = write(Path::new(&dir), name, tokens) {
        diagnostics.push(error);
    }
}

#[cfg(not(feature = "dump"))]
fn write(_: &Path, _: &Ident, _: &TokenStream) -> Result<(), Diagnostic> {
    let message = format!("`{VARIABLE}` is set, and lightconv is built without its feature `dump`, which writes code");
    let help = format!("`cargo add lightconv --features dump`, or unset `{VARIABLE}`");
    Err(Diagnostic::new(crate::diagnostics::Region::call_site(), message).help(help))
}

#[cfg(feature = "dump")]
fn write(dir: &Path, name: &Ident, tokens: &TokenStream) -> Result<(), Diagnostic> {
    let span = name.span();
    let origin = format!("{}, line {}", span.file(), span.start().line);
    let text = format::format(tokens).map_err(|e| {
        Diagnostic::new(span, format!("the code of net `{name}` cannot be formatted for `{VARIABLE}`: {e}"))
    })?;
    let text = format!(
        "// What lightconv {} generated for the net `{name}` of {origin}.\n\n{text}",
        env!("CARGO_PKG_VERSION")
    );
    let dir = std::env::var_os("CARGO_CRATE_NAME").map_or(dir.to_owned(), |krate| dir.join(krate));
    let file = unique(dir.join(name.to_string()), &origin);
    std::fs::create_dir_all(&dir).and_then(|()| std::fs::write(&file, text)).map_err(|e| {
        Diagnostic::new(span, format!("`{VARIABLE}` names a folder where `{}` cannot be written: {e}", file.display()))
            .help("a relative folder is one of the workspace's root")
    })
}

/// `path.rs`; for a second net of that name in one crate `path_2.rs`.
#[cfg(feature = "dump")]
fn unique(path: std::path::PathBuf, origin: &str) -> std::path::PathBuf {
    use std::collections::HashMap;
    use std::path::PathBuf;
    use std::sync::{Mutex, PoisonError};
    // a macro's statics last as long as rustc works at one crate
    static WRITTEN: Mutex<Option<HashMap<PathBuf, Vec<String>>>> = Mutex::new(None);
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let origins = written.get_or_insert_default().entry(path.clone()).or_default();
    let at = origins.iter().position(|o| o == origin).unwrap_or_else(|| {
        origins.push(origin.to_owned());
        origins.len() - 1
    });
    let mut file = path.into_os_string();
    if at > 0 {
        file.push(format!("_{}", at + 1));
    }
    file.push(".rs");
    file.into()
}
