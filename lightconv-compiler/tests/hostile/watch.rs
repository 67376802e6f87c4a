//! Runs the compiler under watch: on a small stack, with its time and its memory measured.

use lightconv_compiler::{Backends, expand};
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{LazyLock, mpsc};
use std::time::{Duration, Instant};

/// The longest that an invocation may take.
pub const TIME: Duration = Duration::from_secs(5);

/// The most memory that it may hold, beyond its own tokens.
pub const MEMORY: isize = 1 << 30;

/// rustc's is 8 MiB, for a compiler that is not optimised and whose frames are several times as large as those tested here.
pub const STACK: usize = 2 << 20;

/// Counts the memory that this thread holds.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(change: isize) {
    let held = HELD.get() + change;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: hands everything on to the system's allocator; a thread-local cell without a destructor allocates nothing
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promise
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The time that this thread has run, where the system tells: another test at work on the same core is no fault.
fn now() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|word| word.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// What the compiler makes of an invocation: its output, or what is wrong with the way it came about.
pub fn compile(tokens: TokenStream) -> Result<TokenStream, String> {
    // as `lightconv::lightnet!` hands it on
    let tokens = quote!({ ::lightconv } #tokens);
    let start = now();
    let held = HELD.get();
    PEAK.set(held);
    let output = catch_unwind(AssertUnwindSafe(|| expand(tokens, Backends { avx2: true, avx512: true })));
    let (time, memory) = (now() - start, PEAK.get() - held);
    let output = output.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        format!("it panics: {}", text.unwrap_or_default())
    })?;
    if time > TIME {
        return Err(format!("it takes {time:?}"));
    }
    if memory > MEMORY {
        return Err(format!("it takes {} MiB", memory >> 20));
    }
    syn::parse2::<syn::File>(output.clone()).map_err(|e| format!("what it gives is no Rust: {e}"))?;
    Ok(output)
}

/// Runs `f` on a thread with a small stack. `f` calls what it is handed whenever it gets on; if it does not for long, that is an
/// error.
pub fn on_a_small_stack<T: Send + 'static>(f: impl FnOnce(&dyn Fn(String)) -> T + Send + 'static) -> T {
    let (sender, progress) = mpsc::channel();
    let body = move || {
        let tell = sender.clone();
        f(&move |what| drop(tell.send(what)))
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(body).expect("a thread");
    let mut last = String::new();
    loop {
        match progress.recv_timeout(12 * TIME) {
            Ok(what) => last = what,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("no end is in sight of {last}"),
        }
    }
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The messages of `compile_error!` in some tokens, without those of the macros that blocks become.
pub fn errors(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![tokens];
    while let Some(tokens) = todo.pop() {
        let mut before = String::new();
        for token in tokens {
            match &token {
                TokenTree::Group(group) if before == "compile_error" => found.push(group.stream().to_string()),
                TokenTree::Group(group) if before != "macro_rules" => todo.push(group.stream()),
                // `macro_rules! name { … }`
                TokenTree::Ident(ident) if before != "macro_rules" => before = ident.to_string(),
                _ => {}
            }
            if matches!(token, TokenTree::Group(_)) {
                before.clear();
            }
        }
    }
    found
}
