import type { Decimal } from './decimal.ts';
import { multiply, parseDecimal } from './decimal.ts';
import type { JsonObject } from './output-json.ts';
import { fieldOf, isObject, objectsIn } from './output-json.ts';

/** Amounts in JSON outputs, found by the names that they commonly have (plain keys, the most telling first). */

const ITEMS = [
  'lineitems',
  'lines',
  'items',
  'invoicelines',
  'invoiceitems',
  'orderlines',
  'orderitems',
  'positions',
  'products',
  'charges',
  'entries',
];
const LINE_AMOUNT = [
  'amount',
  'linetotal',
  'lineamount',
  'totalprice',
  'extendedprice',
  'extendedamount',
  'total',
  'subtotal',
  'netamount',
  'sum',
];
const QUANTITY = ['quantity', 'qty', 'count', 'units', 'hours'];
const UNIT_PRICE = ['unitprice', 'priceperunit', 'unitcost', 'price', 'rate', 'cost'];
const SUBTOTAL = [
  'subtotal',
  'subtotalamount',
  'nettotal',
  'totalnet',
  'netamount',
  'net',
  'itemstotal',
  'totalbeforetax',
  'totalexcludingtax',
  'amountbeforetax',
];
const TAX = [
  'taxamount',
  'totaltax',
  'taxtotal',
  'salestax',
  'vatamount',
  'tax',
  'vat',
  'gst',
  'mwst',
];
const TAX_RATE = [
  'taxrate',
  'taxpercent',
  'taxpercentage',
  'salestaxrate',
  'vatrate',
  'vatpercent',
  'gstrate',
];
const TOTAL = [
  'grandtotal',
  'totalamount',
  'amountdue',
  'totaldue',
  'invoicetotal',
  'totalgross',
  'grosstotal',
  'gross',
  'totalincludingtax',
  'total',
];
const DISCOUNT = ['discount', 'discountamount', 'totaldiscount'];
const EXTRAS = ['shipping', 'shippingcost', 'shippingfee', 'freight', 'deliveryfee', 'tip'];

export interface Amount {
  readonly key: string;
  readonly value: Decimal;
}

export interface InvoiceLine {
  /** As stated, else quantity × unit price. */
  readonly amount: Decimal | undefined;
  /** Quantity × unit price where both are there beside a stated amount. */
  readonly computed: Decimal | undefined;
}

/** An object with amounts that should agree with each other. */
export interface Invoice {
  readonly lines: readonly InvoiceLine[] | undefined;
  readonly linesKey: string;
  readonly subtotal: Amount | undefined;
  readonly tax: Amount | undefined;
  /** As a share: 0.19 for 19 %. */
  readonly taxRate: Amount | undefined;
  readonly total: Amount | undefined;
  /** Not negative, however it was written. */
  readonly discount: Amount | undefined;
  readonly extras: readonly Amount[];
}

export function invoicesIn(root: unknown): Invoice[] {
  return objectsIn(root).map(invoiceOf).filter(isWhole);
}

const isWhole = (invoice: Invoice): boolean =>
  (invoice.lines !== undefined &&
    (invoice.subtotal !== undefined || invoice.total !== undefined)) ||
  (invoice.tax !== undefined &&
    (invoice.lines !== undefined || invoice.subtotal !== undefined || invoice.total !== undefined));

function invoiceOf(object: JsonObject): Invoice {
  const items = itemsOf(object);
  const tax = taxOf(object);
  return {
    lines: items?.lines,
    linesKey: items?.key ?? '',
    subtotal: amountOf(object, SUBTOTAL),
    tax: tax.amount,
    taxRate: tax.rate,
    total: amountOf(object, TOTAL),
    discount: unsigned(amountOf(object, DISCOUNT)),
    extras: EXTRAS.flatMap((name) => amountOf(object, [name]) ?? []),
  };
}

function itemsOf(object: JsonObject): { key: string; lines: InvoiceLine[] } | undefined {
  for (const name of ITEMS) {
    const field = fieldOf(object, [name]);
    if (field === undefined || !Array.isArray(field.value) || field.value.length === 0) continue;
    const items = field.value as unknown[];
    if (!items.every(isObject)) continue;
    const lines = items.map(lineOf);
    // A list in which nothing is an amount is a list of something else.
    if (lines.some(({ amount }) => amount !== undefined)) return { key: field.key, lines };
  }
  return undefined;
}

function lineOf(item: JsonObject): InvoiceLine {
  const stated = amountOf(item, LINE_AMOUNT)?.value;
  const quantity = amountOf(item, QUANTITY)?.value;
  const price = amountOf(item, UNIT_PRICE)?.value;
  const product =
    quantity === undefined || price === undefined ? undefined : multiply(quantity, price);
  // A price without a quantity is the price of one.
  const alone = quantity === undefined ? price : undefined;
  return {
    amount: stated ?? product ?? alone,
    computed: stated === undefined ? undefined : product,
  };
}

function taxOf(object: JsonObject): { amount: Amount | undefined; rate: Amount | undefined } {
  const field = fieldOf(object, TAX);
  const inner = field !== undefined && isObject(field.value) ? field.value : undefined;
  return {
    amount:
      inner === undefined ? amountOf(object, TAX) : amountOf(inner, ['amount', 'value', ...TAX]),
    rate:
      rateOf(fieldOf(object, TAX_RATE)) ??
      (inner && rateOf(fieldOf(inner, ['rate', 'percent', 'percentage', ...TAX_RATE]))),
  };
}

/** `0.19`, `19`, `"19 %"`: from 1 on it is a percentage. */
function rateOf(field: { key: string; value: unknown } | undefined): Amount | undefined {
  if (field === undefined) return undefined;
  const text = typeof field.value === 'string' ? field.value.trim() : field.value;
  const percent = typeof text === 'string' && text.endsWith('%');
  const value = parseDecimal(typeof text === 'string' ? text.replace(/\s*%$/, '') : text);
  if (value === undefined || value.units < 0n) return undefined;
  const isPercentage = percent || value.units >= 10n ** BigInt(value.scale);
  return { key: field.key, value: { ...value, scale: value.scale + (isPercentage ? 2 : 0) } };
}

function amountOf(object: JsonObject, names: readonly string[]): Amount | undefined {
  for (const name of names) {
    const field = fieldOf(object, [name]);
    const value = field === undefined ? undefined : parseDecimal(field.value);
    if (value !== undefined) return { key: field!.key, value };
  }
  return undefined;
}

function unsigned(amount: Amount | undefined): Amount | undefined {
  if (amount === undefined || amount.value.units >= 0n) return amount;
  return { ...amount, value: { ...amount.value, units: -amount.value.units } };
}
