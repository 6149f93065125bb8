//! Comparisons of how many entries something has: with which number, and where the code behind them runs.

use std::ops::{Neg, Sub};

use oxc_ast::ast::{Argument, BinaryExpression, BinaryOperator, Expression, LogicalOperator};
use oxc_span::Span;

use super::expressions::last_name;
use super::names::Name;
use super::things::{Naming, Thing};

/// How deep operators are looked into.
const DEEPEST: usize = 8;

/// A comparison of a number of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Limit {
    /// All of it.
    pub(in super::super) compared: Span,
    /// With this number, where that is written down.
    pub(in super::super) number: Option<u64>,
    /// With what a field has, where that is it.
    pub(in super::super) field: Option<OfField>,
    pub(in super::super) runs: Runs,
}

/// A number that comes of a field's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct OfField {
    pub(in super::super) name: Name,
    /// So many thousandths of it,
    pub(in super::super) thousandths: u32,
    /// and so many more.
    pub(in super::super) more: i64,
}

/// Where the code behind a comparison runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runs {
    /// There are fewer entries than the number.
    Below,
    /// There are as many.
    At,
    /// There are more.
    Beyond,
}

impl Limit {
    /// That of the code that runs where the comparison does not hold.
    pub(super) fn otherwise(self) -> Self {
        Self { runs: self.runs.turned(), ..self }
    }
}

impl Runs {
    fn turned(self) -> Self {
        match self {
            Self::Below => Self::Beyond,
            Self::At => Self::At,
            Self::Beyond => Self::Below,
        }
    }

    /// Where the left side of a comparison is the number of entries; none where it compares nothing.
    fn of(operator: BinaryOperator) -> Option<Self> {
        match operator {
            BinaryOperator::LessThan | BinaryOperator::LessEqualThan => Some(Self::Below),
            BinaryOperator::GreaterThan | BinaryOperator::GreaterEqualThan => Some(Self::Beyond),
            BinaryOperator::Equality | BinaryOperator::StrictEquality => Some(Self::At),
            _ => None,
        }
    }
}

/// Whether a test compares a number of entries, as `is_entries` knows one, with something; with which number.
pub(super) fn compared<'a>(
    test: &'a Expression<'a>,
    naming: &mut Naming<'a, '_>,
    is_entries: &mut impl FnMut(&'a Expression<'a>, &mut Naming<'a, '_>) -> bool,
) -> Option<Limit> {
    within(test, naming, DEEPEST, is_entries)
}

fn within<'a>(
    test: &'a Expression<'a>,
    naming: &mut Naming<'a, '_>,
    deeper: usize,
    is_entries: &mut impl FnMut(&'a Expression<'a>, &mut Naming<'a, '_>) -> bool,
) -> Option<Limit> {
    match test {
        Expression::ParenthesizedExpression(inner) if deeper > 0 => {
            within(&inner.expression, naming, deeper - 1, is_entries)
        }
        Expression::LogicalExpression(both) if deeper > 0 && both.operator != LogicalOperator::Coalesce => {
            let left = within(&both.left, naming, deeper - 1, is_entries);
            left.or_else(|| within(&both.right, naming, deeper - 1, is_entries))
        }
        Expression::BinaryExpression(comparison) => {
            let runs = Runs::of(comparison.operator)?;
            let left = Sum::of(&comparison.left, naming, DEEPEST, is_entries);
            let right = Sum::of(&comparison.right, naming, DEEPEST, is_entries);
            of_sums(left, right, runs, comparison)
        }
        _ => None,
    }
}

fn of_sums(
    left: Option<Sum>,
    right: Option<Sum>,
    runs: Runs,
    comparison: &BinaryExpression<'_>,
) -> Option<Limit> {
    let is_of_entries = |sum: &Sum| sum.entries != 0.0;
    let runs_by = |entries: f64| if entries < 0.0 { runs.turned() } else { runs };
    let limit = Limit { compared: comparison.span, number: None, field: None, runs };
    let Some(known) = left.zip(right) else {
        // What the other side is cannot be told.
        let by_left = left.filter(is_of_entries).map(|sum| sum.entries);
        let entries = by_left.or_else(|| right.filter(is_of_entries).map(|sum| -sum.entries))?;
        return Some(Limit { runs: runs_by(entries), ..limit });
    };
    let sum = (known.0 - known.1).filter(is_of_entries)?;
    let limit = Limit { runs: runs_by(sum.entries), ..limit };
    let (times, more) = (-sum.of_field / sum.entries, -sum.number / sum.entries);
    match sum.field {
        Some(name) if times > 0.0 => {
            let field = OfField { name, thousandths: (times * 1_000.0).round() as u32, more: more as i64 };
            Some(Limit { field: Some(field), ..limit })
        }
        Some(_) => Some(limit),
        // Whether it is empty, or the last one.
        None if more < 2.0 => None,
        None => Some(Limit { number: Some(more as u64), ..limit }),
    }
}

/// A number as it is reckoned: so many times the entries, so many times what a field has, and a number.
#[derive(Clone, Copy, Default)]
struct Sum {
    entries: f64,
    field: Option<Name>,
    of_field: f64,
    number: f64,
}

impl Sum {
    fn of<'a>(
        expression: &'a Expression<'a>,
        naming: &mut Naming<'a, '_>,
        deeper: usize,
        is_entries: &mut impl FnMut(&'a Expression<'a>, &mut Naming<'a, '_>) -> bool,
    ) -> Option<Self> {
        if is_entries(expression, naming) {
            return Some(Self { entries: 1.0, ..Self::default() });
        }
        let deeper = deeper.checked_sub(1)?;
        match expression {
            Expression::ParenthesizedExpression(inner) => {
                Self::of(&inner.expression, naming, deeper, is_entries)
            }
            Expression::NumericLiteral(number) => Some(Self::number(number.value)),
            Expression::Identifier(variable) => {
                Self::of(naming.bindings.only_value(variable)?, naming, deeper, is_entries)
            }
            Expression::StaticMemberExpression(member) => match naming.bindings.tree.constant(member) {
                Some(number) => Some(Self::number(number)),
                None => Some(Self::field(naming.names.add(&member.property.name))),
            },
            Expression::PrivateFieldExpression(member) => {
                Some(Self::field(naming.names.add(&format!("#{}", member.field.name))))
            }
            Expression::BinaryExpression(reckoned) => {
                let left = Self::of(&reckoned.left, naming, deeper, is_entries)?;
                let right = Self::of(&reckoned.right, naming, deeper, is_entries)?;
                match reckoned.operator {
                    BinaryOperator::Addition => left - -right,
                    BinaryOperator::Subtraction => left - right,
                    BinaryOperator::Multiplication => match (left.is_number(), right.is_number()) {
                        (_, true) => Some(left.times(right.number)),
                        (true, _) => Some(right.times(left.number)),
                        _ => None,
                    },
                    BinaryOperator::Division if right.is_number() && right.number != 0.0 => {
                        Some(left.times(1.0 / right.number))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn number(number: f64) -> Self {
        Self { number, ..Self::default() }
    }

    fn field(name: Name) -> Self {
        Self { field: Some(name), of_field: 1.0, ..Self::default() }
    }

    fn is_number(&self) -> bool {
        self.entries == 0.0 && self.field.is_none()
    }

    fn times(self, times: f64) -> Self {
        Self {
            entries: self.entries * times,
            of_field: self.of_field * times,
            number: self.number * times,
            ..self
        }
    }
}

impl Neg for Sum {
    type Output = Self;

    fn neg(self) -> Self {
        self.times(-1.0)
    }
}

impl Sub for Sum {
    type Output = Option<Self>;

    /// None of the fields of two names.
    fn sub(self, other: Self) -> Option<Self> {
        let is_one = self.field.is_none() || other.field.is_none() || self.field == other.field;
        is_one.then(|| Self {
            entries: self.entries - other.entries,
            field: self.field.or(other.field),
            of_field: self.of_field - other.of_field,
            number: self.number - other.number,
        })
    }
}

/// What a size is of: `m.size`, `list.length`, `Object.keys(m).length`.
pub(super) fn size_of<'a>(expression: &'a Expression<'a>, naming: &mut Naming<'a, '_>) -> Option<Thing> {
    let Expression::StaticMemberExpression(member) = expression else { return None };
    if !matches!(&*member.property.name, "size" | "length") {
        return None;
    }
    let of = match &member.object {
        Expression::CallExpression(call) if last_name(&call.callee) == Some("keys") => {
            call.arguments.first().and_then(Argument::as_expression)?
        }
        object => object,
    };
    Some(naming.thing(of))
}

#[cfg(test)]
mod tests {
    use super::super::tests::indexed;
    use super::super::{Act, slice};
    use super::*;

    /// A comparison, where the code behind it runs, the number, and the field with thousandths and what is added.
    type Found<'t> = (&'t str, Runs, Option<u64>, Option<(&'t str, u32, i64)>);

    /// By which comparison, and where, something is taken out of `m`.
    #[track_caller]
    fn check(body: &str, expected: Option<Found<'_>>) {
        let text = format!("class A {{ constructor/*here*/() {{ this.m = []; }} f(it) {{ {body} }} }}");
        let (index, here) = indexed(&text);
        let target = index.target_of_field(here, "m").expect("a class with that field");
        let traces = index.traces(&target, &[Act::Remove]);
        let limit = traces.uses.first().and_then(|found| found.setting.check?.limit);
        let found = limit.map(|limit| {
            let field = limit.field.map(|field| (index.text(field.name), field.thousandths, field.more));
            (slice(&text, limit.compared), limit.runs, limit.number, field)
        });
        assert_eq!(found, expected, "{body}");
    }

    #[test]
    fn where_the_code_behind_it_runs() {
        let m = |body: &str, runs| {
            check(body, Some(("this.m.length > 90", runs, Some(90), None)));
        };
        m("if (this.m.length > 90) this.m.shift();", Runs::Beyond);
        m("this.m.length > 90 && this.m.shift();", Runs::Beyond);
        m("this.m.length > 90 || this.m.shift();", Runs::Below);
        m("if (this.m.length > 90) return; this.m.shift();", Runs::Below);
        m("if (this.m.length > 90) log(); else this.m.shift();", Runs::Below);
        m("return this.m.length > 90 ? it : this.m.shift();", Runs::Below);
        check(
            "if (90 < this.m.length) this.m.shift();",
            Some(("90 < this.m.length", Runs::Beyond, Some(90), None)),
        );
        check(
            "if (this.m.length === 90) this.m.shift();",
            Some(("this.m.length === 90", Runs::At, Some(90), None)),
        );
    }

    #[test]
    fn a_number_of_entries_is_known_by_a_variable_and_by_what_is_reckoned_with_it() {
        check(
            "const n = this.m.length; if (n > 90) this.m.shift();",
            Some(("n > 90", Runs::Beyond, Some(90), None)),
        );
        check(
            "const most = this.most; const over = this.m.length - most; if (over > most / 10) this.m.splice(0, over);",
            Some(("over > most / 10", Runs::Beyond, None, Some(("most", 1_100, 0)))),
        );
        check(
            "if (this.#most + 5 < this.m.length) this.m.shift();",
            Some(("this.#most + 5 < this.m.length", Runs::Beyond, None, Some(("#most", 1_000, 5)))),
        );
        check(
            "if (this.m.length * 2 > 180) this.m.shift();",
            Some(("this.m.length * 2 > 180", Runs::Beyond, Some(90), None)),
        );
        check(
            "if (this.m.length > most()) this.m.shift();",
            Some(("this.m.length > most()", Runs::Beyond, None, None)),
        );
        check("const n = this.m.length; if (this.m.length > n) this.m.shift();", None);
        check("if (this.m.length > 0) this.m.shift();", None);
        check("if (this.a > this.b) this.m.shift();", None);
    }
}
