//! Programs with a few tokens changed.

use crate::{corpus, watch};
use lightconv_random_programs::{Choices, program, shrink};
use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};
use std::fs;
use std::path::Path;

/// Literals at the edges of what there is.
const LITERALS: &[&str] = &[
    "0",
    "1",
    "2",
    "65536",
    "46341",
    "2147483647",
    "2147483648",
    "4294967296",
    "3037000500",
    "100000000000",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "1e308",
    "1e999",
    "1e-320",
    "0.0",
    "0.5",
    "2.5",
    "1e18",
    "9.3e18",
    "1_000",
    "7u8",
    "1.5f32",
    "0x7fffffffffffffff",
    "0b1",
    "1e",
    "6M",
    "64KiB",
    "\"text\"",
    "\"{\"",
    "\"{x\"",
    "\"}{\"",
    "\"{x.channels}.{1 / 0}\"",
    "\"a..b\"",
    "\"\"",
    "'c'",
    "b\"bytes\"",
    "r\"raw\"",
    "\"\\u{0}\\n\"",
];

const DELIMITERS: [Delimiter; 4] = [Delimiter::Parenthesis, Delimiter::Bracket, Delimiter::Brace, Delimiter::None];

/// What the mutations are made of.
struct Corpus {
    programs: Vec<TokenStream>,
    /// All tokens and groups of the programs.
    words: Vec<TokenTree>,
}

impl Corpus {
    fn read() -> Corpus {
        let mut programs = corpus::programs();
        programs.extend((0..50).map(|seed| program(&mut Choices::random(seed)).parse().expect("a program")));
        let mut words = Vec::new();
        let mut todo = programs.clone();
        while let Some(tokens) = todo.pop() {
            for token in tokens {
                if let TokenTree::Group(group) = &token {
                    todo.push(group.stream());
                }
                words.push(token);
            }
        }
        Corpus { programs, words }
    }

    /// A program with up to four changes.
    fn mutant(&self, choices: &mut Choices) -> TokenStream {
        let mut tokens = choices.of(&self.programs);
        for _ in 0..choices.within(0..=4) {
            let size = size(&tokens);
            if size == 0 {
                break;
            }
            let mut at = choices.below(size);
            tokens = changed(tokens, &mut at, &mut |siblings, i| self.change(choices, siblings, i));
        }
        tokens
    }

    /// Changes the token at `i`.
    fn change(&self, choices: &mut Choices, tokens: &mut Vec<TokenTree>, i: usize) {
        let word = |choices: &mut Choices| choices.of(&self.words);
        match choices.below(14) {
            0 => drop(tokens.remove(i)),
            1 => tokens.insert(i, tokens[i].clone()),
            2 => {
                let other = choices.below(tokens.len());
                tokens.swap(i, other);
            }
            3 => tokens[i] = word(choices),
            4 => tokens.insert(i, word(choices)),
            5 | 6 => {
                let literal: TokenStream = choices.of(LITERALS).parse().expect("a literal");
                tokens.splice(i..=i, literal);
            }
            7 => {
                let delimiter = choices.of(&DELIMITERS);
                for _ in 0..choices.of(&[1, 2, 3, 50, 98, 100, 102, 300]) {
                    tokens[i] = Group::new(delimiter, tokens[i].clone().into()).into();
                }
            }
            8 => {
                if let TokenTree::Group(group) = &tokens[i] {
                    tokens[i] = Group::new(choices.of(&DELIMITERS), group.stream()).into();
                }
            }
            9 => {
                if let TokenTree::Group(group) = &tokens[i] {
                    let inner = group.stream();
                    tokens.splice(i..=i, inner);
                }
            }
            10 => {
                let times = choices.of(&[2, 10, 100, 1000]);
                let again = vec![tokens[i].clone(); times];
                tokens.splice(i..=i, again);
            }
            11 => tokens.truncate(i),
            12 => {
                let character =
                    choices.of(&['-', '>', '=', ',', ';', ':', '.', '!', '*', '/', '%', '@', '#', '$', '&', '|', '\'']);
                tokens.insert(i, Punct::new(character, choices.of(&[Spacing::Alone, Spacing::Joint])).into());
            }
            _ => {
                let end = choices.within(i + 1..=tokens.len());
                let delimiter = choices.of(&DELIMITERS);
                let part: TokenStream = tokens.drain(i..end).collect();
                tokens.insert(i, Group::new(delimiter, part).into());
            }
        }
    }
}

/// Tokens, those in groups included.
fn size(tokens: &TokenStream) -> usize {
    let inner = |token| if let TokenTree::Group(group) = token { 1 + size(&group.stream()) } else { 1 };
    tokens.clone().into_iter().map(inner).sum()
}

/// The tokens after `change` has been at the one with the number `at`.
fn changed(tokens: TokenStream, at: &mut usize, change: &mut dyn FnMut(&mut Vec<TokenTree>, usize)) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for i in 0..tokens.len() {
        if *at == 0 {
            change(&mut tokens, i);
            // no other token has this number
            *at = usize::MAX;
            break;
        }
        *at -= 1;
        if let TokenTree::Group(group) = &tokens[i] {
            let mut inner = Group::new(group.delimiter(), changed(group.stream(), at, change));
            inner.set_span(group.span());
            tokens[i] = inner.into();
            if *at == usize::MAX {
                break;
            }
        }
    }
    tokens.into_iter().collect()
}

fn number(variable: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else { return default };
    text.parse().unwrap_or_else(|e| panic!("{variable}={text}: {e}"))
}

#[test]
fn mutated_programs_give_a_net_or_errors() {
    let (first, count) = (number("LIGHTCONV_SEED", 0), number("LIGHTCONV_MUTATIONS", 2000));
    // a stack that overflows ends the process: then the seed is found here
    let note = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-seed");
    println!("LIGHTCONV_SEED={first} LIGHTCONV_MUTATIONS={count}, the seed at work in {}", note.display());
    let fault = watch::on_a_small_stack(move |tell| {
        let corpus = Corpus::read();
        (first..first + count).find_map(|seed| {
            tell(format!("LIGHTCONV_SEED={seed}"));
            fs::write(&note, seed.to_string()).expect("a note of the seed");
            let mut choices = Choices::random(seed);
            let fault = watch::compile(corpus.mutant(&mut choices)).err()?;
            let small = shrink(&choices.made(), |choices| {
                tell(format!("LIGHTCONV_SEED={seed}, made smaller"));
                watch::compile(corpus.mutant(&mut Choices::again(choices))).is_err()
            });
            let tokens = corpus.mutant(&mut Choices::again(&small));
            let small_fault = watch::compile(tokens.clone()).err().unwrap_or_default();
            Some(format!("LIGHTCONV_SEED={seed}: {fault}\nas small as it fails:\n{tokens}\n{small_fault}"))
        })
    });
    assert!(fault.is_none(), "{}", fault.unwrap_or_default());
}
