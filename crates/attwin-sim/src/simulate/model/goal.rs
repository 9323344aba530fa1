//! What a host says that wants messages to flow, as data.

use super::{Client, Family};
use crate::simulate::call::{Arg, Call};
use crate::simulate::grammar::Grammar;
use crate::simulate::payload::Payloads;
use crate::simulate::random::Rng;

/// An argument.
#[derive(Clone, Copy)]
pub(crate) enum Word {
    Int(u32),
    /// An integer of an inclusive range.
    Between(u32, u32),
    /// One of these integers.
    Ints(&'static [u32]),
    /// 1 so many times in a thousand, else 0.
    Flag(u32),
    /// One of these strings.
    Text(&'static [&'static str]),
    /// One of these, without quotes.
    Bare(&'static [&'static str]),
    /// This so many times in a thousand; else, in a goal, the arguments end
    /// here, and in a random call the value is any of the range.
    Often(u32, &'static Self),
    /// Depending on the arguments before it.
    Draw(fn(&mut Rng, &[Arg]) -> Arg),
}

impl Word {
    pub(super) fn draw(&self, rng: &mut Rng, before: &[Arg]) -> Option<Arg> {
        Some(match self {
            Self::Int(n) => Arg::Int(*n),
            Self::Between(low, high) => Arg::Int(rng.between(*low, *high)),
            Self::Ints(of) => Arg::Int(*rng.pick(of)),
            Self::Flag(chance) => Arg::Int(u32::from(rng.per_mille(*chance))),
            Self::Text([text]) => (*text).into(),
            Self::Text(of) => (*rng.pick(of)).into(),
            Self::Bare([text]) => Arg::Bare(text.as_bytes().to_vec()),
            Self::Bare(of) => Arg::Bare(rng.pick(of).as_bytes().to_vec()),
            Self::Often(chance, word) if rng.per_mille(*chance) => return word.draw(rng, before),
            Self::Often(..) => return None,
            Self::Draw(draw) => draw(rng, before),
        })
    }
}

/// Arguments, one after the other.
pub(crate) fn draw_all(words: &[Word], rng: &mut Rng) -> Vec<Arg> {
    draw_after(Vec::new(), words, rng)
}

fn draw_after(mut args: Vec<Arg>, words: &[Word], rng: &mut Rng) -> Vec<Arg> {
    for word in words {
        match word.draw(rng, &args) {
            Some(arg) => args.push(arg),
            None => break,
        }
    }
    args
}

/// Something to say.
pub(crate) enum Goal<F: Family> {
    /// This command, as [`Grammar::spelled`] reads it.
    Say(&'static str, &'static [Word]),
    /// One of these, each so many times of all.
    Among(&'static [(usize, Self)]),
    /// The first so many times in a thousand, else the second.
    Often(u32, &'static Self, &'static Self),
    /// The first on a condition, else the second.
    If(fn(&Client<F>) -> bool, &'static Self, &'static Self),
    /// Of this client.
    Do(fn(&mut Speaker<'_>, u8) -> Call),
}

/// Who says it.
pub(crate) struct Speaker<'a> {
    pub(crate) rng: &'a mut Rng,
    pub(crate) payloads: &'a mut Payloads,
    pub(crate) grammar: &'a Grammar,
}

impl Speaker<'_> {
    pub(super) fn choose<F: Family>(&mut self, goal: &Goal<F>, client: &Client<F>) -> Call {
        match goal {
            Goal::Say(command, words) => {
                // With several clients the first argument says whose it is.
                let whose = (F::CLIENTS > 1).then(|| Arg::Int(client.index.into()));
                let args = draw_after(whose.into_iter().collect(), words, self.rng);
                self.grammar.spelled(command, args)
            }
            Goal::Among(of) => {
                let mut at = self.rng.below(of.iter().map(|(weight, _)| weight).sum());
                let chosen = of.iter().find(|(weight, _)| {
                    let here = at < *weight;
                    at = at.wrapping_sub(*weight);
                    here
                });
                let (_, goal) = chosen.expect("the number is below the sum of the weights");
                self.choose(goal, client)
            }
            Goal::Often(chance, first, _) if self.rng.per_mille(*chance) => {
                self.choose(first, client)
            }
            Goal::If(when, first, _) if when(client) => self.choose(first, client),
            Goal::Often(.., second) | Goal::If(.., second) => self.choose(second, client),
            Goal::Do(make) => make(self, client.index),
        }
    }

    pub(crate) fn say(&mut self, command: &str, words: &[Word]) -> Call {
        let args = draw_all(words, self.rng);
        self.grammar.spelled(command, args)
    }
}
