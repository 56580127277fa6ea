import { z } from 'zod';

import type { RunContent } from '../../model/run.ts';
import type { Verdict } from './check.ts';
import { defineCheck, failed, notApplicable, passed } from './check.ts';
import type { Decimal } from './decimal.ts';
import {
  add,
  formatDecimal,
  isNear,
  multiply,
  parseDecimal,
  subtract,
  toNumber,
  ZERO,
} from './decimal.ts';
import type { Amount, Invoice } from './invoice.ts';
import { invoicesIn } from './invoice.ts';
import { jsonOf, valueAt } from './output-json.ts';
import { NO_OUTPUT } from './output-checks.ts';

/** Checks of sums in JSON outputs; decimals are exact. */

const tolerance = z
  .number()
  .min(0)
  .max(1_000)
  .default(0.005)
  .describe('By how much amounts may differ; half a cent is rounding.');

export const subtotalArithmetic = defineCheck({
  id: 'subtotal_arithmetic',
  severity: 'HIGH',
  summary: 'Line items add up to the subtotal, or to the total where there is no tax.',
  onByDefault: false,
  params: z.strictObject({
    tolerance,
    result_field: z
      .string()
      .max(200)
      .default('')
      .describe('Path of a sum, in place of amounts found by their names.'),
    component_fields: z
      .array(z.string().min(1).max(200))
      .max(100)
      .default([])
      .describe('Paths of what it is the sum of.'),
  }),
  evaluate: ({ output }, params) => {
    const limit = parseDecimal(params.tolerance) ?? ZERO;
    if (params.result_field !== '') return namedSum(output, params, limit);
    return firstFault(output, 'line items beside a subtotal or total', (invoice) => [
      ...lineSums(invoice, limit),
      ...subtotal(invoice),
    ])(limit);
  },
});

export const taxCalculation = defineCheck({
  id: 'tax_calculation',
  severity: 'HIGH',
  summary: 'The tax is its rate of the subtotal, and subtotal and tax add up to the total.',
  onByDefault: false,
  params: z.strictObject({ tolerance }),
  evaluate: ({ output }, params) =>
    firstFault(
      output,
      'a tax beside a subtotal, a rate or a total',
      taxes,
    )(parseDecimal(params.tolerance) ?? ZERO),
});

/** Two amounts that should be the same. There may be several that are right, as with and without a discount. */
interface Equation {
  readonly what: string;
  readonly stated: Decimal;
  readonly right: readonly Decimal[];
}

function firstFault(
  output: RunContent | null,
  wanted: string,
  equationsOf: (invoice: Invoice) => readonly (Equation | string)[],
): (limit: Decimal) => Verdict {
  return (limit) => {
    if (output === null) return notApplicable(NO_OUTPUT);
    const json = jsonOf(output.text);
    if (json === undefined) return notApplicable('the output is not JSON');
    let equations = 0;
    let hindrance = `the output has no ${wanted}`;
    for (const equation of invoicesIn(json).flatMap(equationsOf)) {
      if (typeof equation === 'string') {
        hindrance = equation;
        continue;
      }
      equations++;
      const { what, stated, right } = equation;
      if (right.some((value) => isNear(stated, value, limit))) continue;
      return wrongSum({ what, stated, right: right[0]!, output });
    }
    if (equations === 0) return notApplicable(hindrance);
    return passed('sums that are right', `${equations} sums`);
  };
}

function wrongSum(found: {
  readonly what: string;
  readonly stated: Decimal;
  readonly right: Decimal;
  readonly output: RunContent;
}): Verdict {
  const { what, stated, right, output } = found;
  return failed({
    expected: formatDecimal(right),
    actual: formatDecimal(stated),
    delta: toNumber(subtract(stated, right)),
    message: `${what} is ${formatDecimal(stated)} and should be ${formatDecimal(right)}.`,
    spanId: output.spanId,
    value: output.text,
  });
}

function namedSum(
  output: RunContent | null,
  params: { readonly result_field: string; readonly component_fields: readonly string[] },
  limit: Decimal,
): Verdict {
  if (output === null) return notApplicable(NO_OUTPUT);
  const json = jsonOf(output.text);
  if (json === undefined) return notApplicable('the output is not JSON');
  let sum = ZERO;
  for (const path of params.component_fields) {
    const part = parseDecimal(valueAt(json, path));
    if (part === undefined) return notApplicable(`the output has no amount at ${path}`);
    sum = add(sum, part);
  }
  const stated = parseDecimal(valueAt(json, params.result_field));
  if (stated === undefined) {
    return notApplicable(`the output has no amount at ${params.result_field}`);
  }
  if (isNear(stated, sum, limit)) return passed(formatDecimal(sum), formatDecimal(stated));
  return wrongSum({ what: params.result_field, stated, right: sum, output });
}

function lineSums({ lines = [], linesKey }: Invoice, limit: Decimal): Equation[] {
  return lines.flatMap(({ amount, computed }, index) =>
    computed === undefined || isNear(amount!, computed, limit)
      ? []
      : [{ what: `${linesKey}[${index}]`, stated: amount!, right: [computed] }],
  );
}

function subtotal(invoice: Invoice): (Equation | string)[] {
  const { lines, linesKey, tax, taxRate, total, discount, extras } = invoice;
  if (lines === undefined) return [];
  // Without a tax the total is made of the line items alone.
  const stated =
    invoice.subtotal ?? (tax === undefined && taxRate === undefined ? total : undefined);
  if (stated === undefined) return [];
  const gap = lines.findIndex(({ amount }) => amount === undefined);
  if (gap >= 0) return [`${linesKey}[${gap}] has no amount`];
  const sum = lines.reduce((all, { amount }) => add(all, amount!), ZERO);
  const right = [sum];
  if (discount !== undefined) right.push(subtract(sum, discount.value));
  if (stated === total && extras.length > 0) {
    right.push(...right.map((value) => plus(value, extras)));
  }
  return [{ what: stated.key, stated: stated.value, right }];
}

const plus = (value: Decimal, amounts: readonly Amount[]): Decimal =>
  amounts.reduce((all, amount) => add(all, amount.value), value);

function taxes(invoice: Invoice): (Equation | string)[] {
  const { tax, taxRate, total, discount, extras } = invoice;
  if (tax === undefined) return [];
  const base = invoice.subtotal?.value ?? sumOfLines(invoice);
  if (base === undefined) return [`there is no subtotal beside ${tax.key}`];
  const bases = discount === undefined ? [base] : [base, subtract(base, discount.value)];
  const equations: Equation[] = [];
  if (taxRate !== undefined) {
    const right = bases.flatMap((value) => [
      multiply(value, taxRate.value),
      // Shipping is taxed in some places and not in others.
      ...(extras.length > 0 ? [multiply(plus(value, extras), taxRate.value)] : []),
    ]);
    equations.push({ what: tax.key, stated: tax.value, right });
  }
  if (total !== undefined) {
    const right = bases.map((value) => plus(add(value, tax.value), extras));
    equations.push({ what: total.key, stated: total.value, right });
  }
  return equations.length > 0
    ? equations
    : [`there is neither a rate nor a total beside ${tax.key}`];
}

function sumOfLines({ lines }: Invoice): Decimal | undefined {
  if (lines === undefined || lines.some(({ amount }) => amount === undefined)) return undefined;
  return lines.reduce((all, { amount }) => add(all, amount!), ZERO);
}
