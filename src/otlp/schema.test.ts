import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import type { FieldSchema } from './schema.ts';
import { SCHEMA } from './schema.ts';

interface Descriptor {
  readonly messages: Record<string, Record<string, Record<string, unknown>>>;
  readonly enums: Record<string, Record<string, number>>;
}

const descriptor = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../test/fixtures/otlp/descriptor.json'), 'utf8'),
) as Descriptor;

const fullName = (name: string): string => `${SCHEMA[name]!.within}.${name}`;

/** A field of the table in the descriptor's words. */
function described(field: FieldSchema): Record<string, unknown> {
  const { message, values, type, ...rest } = field;
  return {
    ...rest,
    type: type === 'hex' ? 'bytes' : type,
    ...(message === undefined ? {} : { message: fullName(message) }),
    ...(values === undefined ? {} : { values }),
  };
}

test('the table says of every message and field what the published protocol says', () => {
  const table = Object.fromEntries(
    Object.entries(SCHEMA).map(([name, { fields }]) => [
      fullName(name),
      Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, described(field)])),
    ]),
  );
  const published = Object.fromEntries(
    Object.entries(descriptor.messages).map(([name, fields]) => [
      name,
      Object.fromEntries(
        Object.entries(fields).map(([key, { enum: enumName, ...field }]) => [
          key,
          enumName === undefined
            ? field
            : { ...field, values: descriptor.enums[enumName as string] },
        ]),
      ),
    ]),
  );
  expect(table).toEqual(published);
});

test('hexadecimal are the fields of trace and span ids and no others', () => {
  const hex = Object.values(SCHEMA).flatMap(({ fields }) =>
    Object.entries(fields).flatMap(([name, { type }]) => (type === 'hex' ? [name] : [])),
  );
  expect(new Set(hex)).toEqual(new Set(['traceId', 'spanId', 'parentSpanId']));
  const otherBytes = Object.values(SCHEMA).flatMap(({ fields }) =>
    Object.entries(fields).flatMap(([name, { type }]) => (type === 'bytes' ? [name] : [])),
  );
  expect(otherBytes).toEqual(['bytesValue']);
});
