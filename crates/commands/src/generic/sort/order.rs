//! Putting elements in order: by their weights as numbers, or by bytes.

use std::cmp::Ordering;

use super::options::Options;
use crate::grammar::decimal;
use crate::prelude::*;

const NO_NUMBER: Stop = Stop::error("ERR One or more scores can't be converted into double");

/// The wanted elements in order.
pub(super) fn sorted(
    ctx: &mut Context<'_>,
    elements: Vec<Vec<u8>>,
    options: &Options<'_>,
) -> Result<Vec<Vec<u8>>, Stop> {
    if !options.sorts {
        return Ok(elements);
    }
    let window = options.window(elements.len());
    let mut sorted = if options.is_alphabetic {
        by_bytes(ctx, elements, options)
    } else {
        by_number(ctx, elements, options)?
    };
    Ok(sorted.drain(window).collect())
}

/// Elements with the same number are ordered by their bytes, so that the result is the same on every server.
fn by_number(
    ctx: &mut Context<'_>,
    elements: Vec<Vec<u8>>,
    options: &Options<'_>,
) -> Result<Vec<Vec<u8>>, Stop> {
    let mut weighed = Vec::with_capacity(elements.len());
    for element in elements {
        let number = match &options.by {
            None => number_of(&element)?,
            Some(pattern) => pattern.value(ctx, &element).map_or(Ok(0.0), |weight| number_of(&weight))?,
        };
        weighed.push((number, element));
    }
    sort(&mut weighed, options.is_descending, |(one, first), (two, second)| {
        one.partial_cmp(two).unwrap_or(Ordering::Equal).then_with(|| first.cmp(second))
    });
    Ok(weighed.into_iter().map(|(_, element)| element).collect())
}

fn number_of(text: &[u8]) -> Result<f64, Stop> {
    decimal::parse(text).ok_or(NO_NUMBER)
}

/// Weights that are not there come first.
fn by_bytes(ctx: &mut Context<'_>, mut elements: Vec<Vec<u8>>, options: &Options<'_>) -> Vec<Vec<u8>> {
    let Some(pattern) = &options.by else {
        sort(&mut elements, options.is_descending, Vec::cmp);
        return elements;
    };
    let weigh = |element: Vec<u8>| (pattern.value(ctx, &element), element);
    let mut weighed: Vec<(Option<Vec<u8>>, Vec<u8>)> = elements.into_iter().map(weigh).collect();
    sort(&mut weighed, options.is_descending, |(one, _), (two, _)| one.cmp(two));
    weighed.into_iter().map(|(_, element)| element).collect()
}

fn sort<T>(items: &mut [T], is_descending: bool, compare: impl Fn(&T, &T) -> Ordering) {
    items.sort_by(|one, two| {
        let order = compare(one, two);
        if is_descending { order.reverse() } else { order }
    });
}
