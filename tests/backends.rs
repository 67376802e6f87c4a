//! The backend is found when a net is made, and can be forced, by the environment and in code.

use lightconv::{Backend, Tensor, lightnet};
use std::process::Command;

lightnet! {
    net Small(x: [5, 9, 9]) -> [7] {
        x -> [Conv2d(20, 3, padding = 1), Hardswish, Conv2d(20, 3, padding = 1, groups = 20), SiLU] -> GlobalAvgPool -> Linear(7)
    }
}

/// Set in a child process: what it is to do.
const ROLE: &str = "LIGHTCONV_TEST_ROLE";

/// Runs `child` in a process of its own; what it printed, and whether it ended well.
fn in_child(backend: Option<&str>) -> (String, bool) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(ROLE, "child").env_remove("LIGHTCONV_BACKEND");
    if let Some(backend) = backend {
        command.env("LIGHTCONV_BACKEND", backend);
    }
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (text, output.status.success())
}

#[test]
fn child() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    match Small::from_weights(&lightconv::Weights::new()) {
        Err(e) if e.to_string().contains("LIGHTCONV_BACKEND") => println!("refused: {e}"),
        _ => println!("runs on {}", Small::random(1).backend()),
    }
}

#[test]
fn the_environment_forces_one() {
    for backend in Backend::available() {
        let (text, ended_well) = in_child(Some(&backend.to_string()));
        assert!(ended_well && text.contains(&format!("runs on {backend}")), "{text}");
    }
    let (text, _) = in_child(None);
    assert!(text.contains(&format!("runs on {}", Backend::best())), "{text}");
}

#[test]
fn an_unknown_one_is_a_clear_error() {
    let (text, _) = in_child(Some("avx1024"));
    assert!(text.contains("refused") && text.contains("avx1024"), "{text}");
    for backend in Backend::available() {
        assert!(text.contains(&backend.to_string()), "{text} should name {backend}");
    }
}

#[test]
fn all_agree() {
    let values: Vec<f32> = (0..5 * 81).map(|i| (i as f32 * 0.37).sin()).collect();
    let x = Tensor::<5, 9, 9>::from_hwc(&values).unwrap();
    let portable = Small::random(3).with_backend(Backend::Portable).unwrap().run(&x);
    let largest = portable.as_slice().iter().fold(0.0, |m: f32, v| m.max(v.abs()));
    assert!(largest > 0.0);
    for backend in Backend::available() {
        let net = Small::random(3).with_backend(backend).unwrap();
        assert_eq!(net.backend(), backend);
        for (a, b) in net.run(&x).as_slice().iter().zip(portable.as_slice()) {
            assert!((a - b).abs() <= 1e-6 * largest, "{backend}: {a} and {b}");
        }
    }
}

#[test]
fn code_is_compiled_for_the_features_that_are_asked_of_the_cpu() {
    let net = quote::quote!({ ::lightconv } net Small(x: [5, 9, 9]) { x -> Conv2d(20, 3) });
    let code = lightconv_compiler::expand(net, lightconv_compiler::Backends { avx2: true, avx512: true }).to_string();
    let sorted = |features: &mut dyn Iterator<Item = &str>| {
        let mut features: Vec<_> = features.map(str::to_owned).collect();
        features.sort();
        features
    };
    let mut kinds: Vec<_> = code
        .split("enable = \"")
        .skip(1)
        .map(|rest| sorted(&mut rest.split_once('"').expect("a literal ends").0.split(',')))
        .collect();
    kinds.sort();
    kinds.dedup();
    let mut asked = [Backend::Avx2, Backend::Avx512].map(|backend| sorted(&mut backend.features().iter().copied()));
    asked.sort();
    assert_eq!(kinds, asked);
}
