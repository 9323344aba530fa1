//! Random commands from a command table, valid and not.

use attwin_core::{Form, Kind, Param, Spec, Test};

use super::call::{Arg, Call};
use super::grammar::Grammar;
use super::model::Model;
use super::profile::{Escapes, Profile, is_extended};
use super::random::Rng;

/// A command the table allows, or one in six times one it does not.
pub(super) fn call(rng: &mut Rng, grammar: &Grammar, model: &dyn Model) -> Call {
    loop {
        let spec = *rng.pick(&grammar.table);
        let forms: Vec<Form> = [Form::Test, Form::Read, Form::Execute, Form::Write]
            .into_iter()
            .filter(|form| spec.has(*form) && !(*form == Form::Test && spec.test == Test::None))
            .collect();
        if forms.is_empty() || grammar.profile.avoided.contains(&spec.name) {
            continue;
        }
        let form = match *rng.pick(&forms) {
            Form::Write
                if spec
                    .write
                    .is_none_or(|p| p.fixed.is_empty() && p.repeated.is_none()) =>
            {
                continue;
            }
            form => form,
        };
        let mut call = grammar.call(spec, form, Vec::new());
        if form == Form::Write {
            let args = arguments(rng, grammar.profile, spec, model);
            call = grammar.call(spec, form, args);
            if rng.per_mille(170) {
                spoil(rng, grammar.profile, &mut call);
            }
            // So many arguments may be another row's.
            let count = call.args.len();
            if spec.option.is_none() && !std::ptr::eq(grammar.taker(spec.name, count), spec) {
                continue;
            }
        }
        return call;
    }
}

/// Arguments a row allows.
fn arguments(rng: &mut Rng, profile: &Profile, spec: &'static Spec, model: &dyn Model) -> Vec<Arg> {
    let Some(params) = spec.write else {
        return Vec::new();
    };
    let mut args = Vec::new();
    for param in params.fixed {
        if param.optional && rng.per_mille(250) {
            break;
        }
        args.push(if param.optional && rng.per_mille(60) {
            Arg::Omitted
        } else {
            argument(rng, profile, spec, param, &args, model)
        });
    }
    // A comma with nothing after it is no omission.
    while args.pop_if(|arg| *arg == Arg::Omitted).is_some() {}
    if let Some((group, most)) = params.repeated {
        for _ in 0..=rng.below(most) {
            for param in group {
                args.push(argument(rng, profile, spec, param, &args, model));
            }
        }
    }
    args
}

fn argument(
    rng: &mut Rng,
    profile: &Profile,
    spec: &'static Spec,
    param: &'static Param,
    before: &[Arg],
    model: &dyn Model,
) -> Arg {
    if let Some(arg) = model.argument(rng, spec, param, before) {
        return arg;
    }
    match param.kind {
        Kind::Integer(min, max) | Kind::QuotableInteger(min, max) | Kind::Length(min, max) => {
            Arg::Int(match rng.below(4) {
                0 => min,
                1 => max,
                _ => rng.between(min, max),
            })
        }
        Kind::Hexadecimal(min, max) => Arg::Hex(rng.between(min, max)),
        Kind::Text(min, max) => match text(rng, profile, min, max) {
            Arg::Text(string) if profile.can_write_bare(&string) && rng.per_mille(400) => {
                Arg::Bare(string)
            }
            arg => arg,
        },
        Kind::LastText(max) => text(rng, profile, 0, max),
        // Everything but a quote may begin what reaches to the end of the line,
        // and everything may follow.
        Kind::RestOfLine(max) => match text(rng, profile, 0, max) {
            Arg::Text(string) if profile.bare_strings && rng.per_mille(500) => {
                let trimmed = string.trim_ascii();
                if trimmed.is_empty() || trimmed.starts_with(b"\"") || trimmed.contains(&b'?') {
                    Arg::Text(string)
                } else {
                    Arg::Bare(trimmed.to_vec())
                }
            }
            arg => arg,
        },
        Kind::IntegerOrText { integer, text: max } => {
            if rng.per_mille(700) {
                Arg::Int(rng.between(integer.0, integer.1.min(64)))
            } else {
                text(rng, profile, 0, max)
            }
        }
    }
}

/// A string of a length in this range that has a spelling.
fn text(rng: &mut Rng, profile: &Profile, min: usize, max: usize) -> Arg {
    let usual = max.min(min + 12);
    let len = if rng.per_mille(50) {
        max
    } else {
        min + rng.below(usual - min + 1)
    };
    let mut string = rng.text(len);
    if profile.escapes != Escapes::None && rng.per_mille(200) {
        let at = rng.below(len);
        string.iter_mut().skip(at).take(1).for_each(|b| *b = b'"');
    }
    if !profile.can_write(&string) {
        string.iter_mut().rev().take(1).for_each(|b| *b = b'/');
    }
    Arg::Text(string)
}

/// Makes a call the table does not allow.
fn spoil(rng: &mut Rng, profile: &Profile, call: &mut Call) {
    let Some(params) = call.spec.write else {
        return;
    };
    let extended = is_extended(call.spec.name);
    let surplus = extended && !profile.surplus_arguments && params.repeated.is_none();
    let mut tail = Vec::new();
    let mut args = call.args.clone();
    match rng.below(4) {
        // More arguments than there are.
        0 if surplus && args.len() == params.fixed.len() => {
            let plain = params.fixed.last().is_some_and(|p| is_plain(p.kind));
            if !plain {
                return;
            }
            args.push(Arg::Int(0));
        }
        // A string that does not end.
        1 if extended => {
            if !matches!(args.last(), Some(Arg::Text(_))) || args.len() > params.fixed.len() {
                return;
            }
            let Some(param) = params.fixed.get(args.len() - 1) else {
                return;
            };
            if !matches!(param.kind, Kind::Text(..)) {
                return;
            }
            args.pop();
            tail.extend_from_slice(b"\"unfinished");
        }
        // One value beyond its range.
        _ => {
            let candidates: Vec<usize> = (0..args.len().min(params.fixed.len()))
                .filter(|i| is_plain(params.fixed[*i].kind))
                .collect();
            if candidates.is_empty() {
                return;
            }
            let at = *rng.pick(&candidates);
            match beyond(rng, profile, params.fixed[at].kind) {
                Some(arg) => args[at] = arg,
                None => return,
            }
        }
    }
    *call = Call::new(profile, call.spec, call.form, args);
    if !tail.is_empty() {
        call.text
            .push(if call.args.is_empty() && call.spec.option.is_none() {
                b' '
            } else {
                b','
            });
        call.text.extend_from_slice(&tail);
    }
    call.invalid = true;
}

fn is_plain(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Integer(..) | Kind::Length(..) | Kind::Text(..) | Kind::RestOfLine(_)
    )
}

/// A value the kind does not allow.
fn beyond(rng: &mut Rng, profile: &Profile, kind: Kind) -> Option<Arg> {
    match kind {
        Kind::Integer(min, max) | Kind::Length(min, max) => {
            let mut wrong = vec![Arg::Text(b"x".to_vec())];
            if !profile.quoted_integers {
                wrong.push(Arg::Text(b"1".to_vec()));
            }
            wrong.extend(max.checked_add(1).map(Arg::Int));
            wrong.extend(min.checked_sub(1).map(Arg::Int));
            Some(rng.pick(&wrong).clone())
        }
        // Beyond the line's limit it would be another mistake.
        Kind::Text(_, max) | Kind::RestOfLine(max) if max < 600 => {
            Some(Arg::Text(vec![b'x'; max + 1]))
        }
        _ => None,
    }
}

/// Several commands on one line: all but the last only ask, so that a failure
/// leaves no doubt about what was carried out.
pub(super) fn line(calls: &[Call]) -> Vec<u8> {
    let mut line = b"AT".to_vec();
    for (i, call) in calls.iter().enumerate() {
        if i > 0 {
            line.push(b';');
        }
        line.extend_from_slice(&call.text);
    }
    line
}
