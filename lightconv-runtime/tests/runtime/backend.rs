//! Backends: what is there, what is asked for.

use lightconv_runtime::{Backend, ErrorKind};

#[test]
fn portable_is_always_there_and_the_best_is_the_last() {
    let all: Vec<Backend> = Backend::available().collect();
    assert_eq!(all[0], Backend::Portable);
    assert!(all.is_sorted());
    assert_eq!(*all.last().unwrap(), Backend::best());
    for backend in [Backend::Portable, Backend::Avx2, Backend::Avx512] {
        assert_eq!(backend.is_available(), all.contains(&backend));
        assert_eq!(backend.require().is_ok(), all.contains(&backend));
    }
}

/// `/proc/cpuinfo` knows the CPU by another way than the standard library.
#[cfg(all(target_os = "linux", target_arch = "x86_64", feature = "std"))]
#[test]
fn availability_is_what_the_kernel_says_of_the_cpu() {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap();
    let flags: Vec<&str> = text.lines().find(|l| l.starts_with("flags")).unwrap().split_whitespace().collect();
    let has = |wanted: &[&str]| wanted.iter().all(|flag| flags.contains(flag));
    let avx2 = has(&["avx2", "fma"]);
    let avx512 = avx2 && has(&["avx512f", "avx512vl", "avx512bw", "avx512dq"]);
    assert_eq!(Backend::Avx2.is_available(), cfg!(feature = "avx2") && avx2);
    assert_eq!(Backend::Avx512.is_available(), cfg!(feature = "avx512") && avx512);
}

#[test]
fn names_are_read_and_written() {
    for backend in [Backend::Portable, Backend::Avx2, Backend::Avx512] {
        assert_eq!(backend.to_string().parse::<Backend>().unwrap(), backend);
        assert_eq!(backend.to_string().to_uppercase().parse::<Backend>().unwrap(), backend);
    }
    assert_eq!(format!("{:>9}|", Backend::Avx2), "     avx2|");
}

#[test]
fn an_unknown_name_is_an_error_that_says_which_there_are() {
    let error = "neon".parse::<Backend>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Backend);
    let available: Vec<String> = Backend::available().map(|b| format!("`{b}`")).collect();
    let expected = format!(
        "no backend is called `neon`\n  backends: `portable`, `avx2`, `avx512`; available here: {}",
        available.join(", ")
    );
    assert_eq!(error.to_string(), expected);
    // long and odd names are cut and escaped
    let text = "é".repeat(100).parse::<Backend>().unwrap_err().to_string();
    assert!(text.starts_with(&format!("no backend is called `{}…`", "é".repeat(20))), "{text}");
    let text = "a\nb".parse::<Backend>().unwrap_err().to_string();
    assert!(text.starts_with("no backend is called `a\\nb`"), "{text}");
}

/// Not a test of itself: `the_environment_forces_a_backend` runs it with the variable set.
#[test]
#[ignore = "run by another test, in a process of its own"]
fn child() {
    match Backend::choose() {
        Ok(backend) => println!("chosen: {backend}"),
        Err(error) => println!("refused: {error}"),
    }
}

#[cfg(feature = "std")]
#[test]
fn the_environment_forces_a_backend() {
    let chosen = |asked: Option<&str>| {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "backend::child", "--ignored", "--nocapture"]).env_remove("LIGHTCONV_BACKEND");
        if let Some(asked) = asked {
            child.env("LIGHTCONV_BACKEND", asked);
        }
        let output = child.output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let best = format!("chosen: {}\n", Backend::best());
    assert!(chosen(None).contains(&best));
    assert!(chosen(Some("")).contains(&best));
    assert!(chosen(Some("Portable")).contains("chosen: portable\n"));
    assert!(
        chosen(Some("sse9")).contains("refused: environment variable LIGHTCONV_BACKEND: no backend is called `sse9`\n")
    );
    for backend in [Backend::Avx2, Backend::Avx512] {
        let said = chosen(Some(backend.name()));
        if backend.is_available() {
            assert!(said.contains(&format!("chosen: {backend}\n")));
        } else {
            let expected =
                format!("refused: environment variable LIGHTCONV_BACKEND: backend `{backend}` is not available: ");
            assert!(said.contains(&expected), "{said}");
        }
    }
}

/// What a build without a backend's cargo feature says.
#[cfg(all(target_arch = "x86_64", not(feature = "avx512")))]
#[test]
fn a_backend_left_out_of_the_build_is_an_error_that_names_the_feature() {
    let text = Backend::Avx512.require().unwrap_err().to_string();
    let expected = "backend `avx512` is not available: this program was built without lightconv's cargo feature `avx512`\n  available here: `portable`";
    assert!(text.starts_with(expected), "{text}");
}
