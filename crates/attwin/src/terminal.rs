//! What the terminal can show: colours, movement, how many columns.

use std::env;
use std::fmt;
use std::io::IsTerminal;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use terminal_size::{Width, terminal_size};

/// Columns where there is no terminal to ask.
const USUAL_WIDTH: usize = 80;
/// Fewer cannot be written for.
const LEAST_WIDTH: usize = 20;

/// Whether to write colours: to a terminal that knows them, unless `NO_COLOR` is
/// set.
pub(crate) fn colours(stream: &impl IsTerminal) -> bool {
    moves(stream) && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether the cursor can be moved: on a terminal, except `TERM=dumb`.
pub(crate) fn moves(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && !is_dumb()
}

/// The columns of the terminal, 80 if there is none.
pub(crate) fn width() -> usize {
    let width = terminal_size().map(|(Width(width), _)| usize::from(width));
    width.unwrap_or(USUAL_WIDTH).max(LEAST_WIDTH)
}

/// A mistake with the place it is about, as this stream can show it.
pub(crate) fn rendered(stream: &impl IsTerminal, error: &dyn Diagnostic) -> String {
    let theme = if is_dumb() {
        GraphicalTheme::none()
    } else if colours(stream) {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width())
        .with_links(false);
    let mut text = String::new();
    match handler.render_report(&mut text, error) {
        Ok(()) => text,
        Err(fmt::Error) => format!("{error}\n"),
    }
}

fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}
