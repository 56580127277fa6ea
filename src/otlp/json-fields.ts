import type { FieldSchema } from './schema.ts';
import { SCHEMA } from './schema.ts';

/** A field as the transcoder needs it. */
export interface JsonField {
  readonly name: string;
  readonly type: FieldSchema['type'];
  /** The tag as one number: field number times eight plus the wire type of one element. */
  readonly tag: number;
  readonly number: number;
  readonly repeated: boolean;
  readonly presence: boolean;
  /** A bit of its own among the message's fields. */
  readonly bit: number;
  readonly message: JsonMessage | undefined;
  readonly values: ReadonlyMap<string, number> | undefined;
  /** What goes into a reason when the value is of another kind. */
  readonly fault: string;
}

const SLOTS = 64;

const WIRE_TYPES: Readonly<Record<FieldSchema['type'], number>> = {
  string: 2,
  bytes: 2,
  hex: 2,
  message: 2,
  bool: 0,
  enum: 0,
  int32: 0,
  uint32: 0,
  sint32: 0,
  int64: 0,
  uint64: 0,
  fixed32: 5,
  fixed64: 1,
  sfixed64: 1,
  double: 1,
};

const KINDS: Readonly<Record<FieldSchema['type'], string>> = {
  string: 'a string',
  bytes: 'base64',
  hex: 'a hexadecimal id',
  message: 'an object',
  bool: 'a boolean',
  enum: 'a value of its enum',
  int32: 'a whole number of 32 bits',
  sint32: 'a whole number of 32 bits',
  uint32: 'a whole number from 0 to 2^32-1',
  fixed32: 'a whole number from 0 to 2^32-1',
  int64: 'a whole number of 64 bits',
  sfixed64: 'a whole number of 64 bits',
  uint64: 'a whole number from 0 to 2^64-1',
  fixed64: 'a whole number from 0 to 2^64-1',
  double: 'a number',
};

/** A message's fields, found by the bytes of their names in lowerCamelCase or snake_case. */
export class JsonMessage {
  readonly item: boolean;
  readonly #keys: Buffer[] = [];
  readonly #fields: JsonField[] = [];
  readonly #slots = new Int8Array(SLOTS).fill(-1);

  constructor(item: boolean) {
    this.item = item;
  }

  add(name: string, field: JsonField): void {
    const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    for (const key of new Set([name, snake])) {
      const bytes = Buffer.from(key, 'latin1');
      let slot = slotOf(bytes, 0, bytes.length);
      while (this.#slots[slot] !== -1) slot = (slot + 1) % SLOTS;
      this.#slots[slot] = this.#keys.length;
      this.#keys.push(bytes);
      this.#fields.push(field);
    }
  }

  find(text: Buffer, start: number, end: number): JsonField | undefined {
    if (end === start) return undefined;
    let slot = slotOf(text, start, end);
    for (;;) {
      const at = this.#slots[slot]!;
      if (at === -1) return undefined;
      if (equals(this.#keys[at]!, text, start, end)) return this.#fields[at];
      slot = (slot + 1) % SLOTS;
    }
  }
}

function slotOf(text: Buffer, start: number, end: number): number {
  const middle = text[start + ((end - start) >> 1)]!;
  return ((end - start) * 7 + text[start]! * 3 + middle + text[end - 1]! * 5) % SLOTS;
}

function equals(key: Buffer, text: Buffer, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== text[start + i]) return false;
  return true;
}

function compile(): ReadonlyMap<string, JsonMessage> {
  const messages = new Map<string, JsonMessage>();
  for (const [name, { item }] of Object.entries(SCHEMA)) {
    messages.set(name, new JsonMessage(item === true));
  }
  for (const [name, { fields }] of Object.entries(SCHEMA)) {
    Object.entries(fields).forEach(([fieldName, field], index) => {
      messages.get(name)!.add(fieldName, {
        name: fieldName,
        type: field.type,
        tag: field.number * 8 + WIRE_TYPES[field.type],
        number: field.number,
        repeated: field.repeated === true,
        presence: field.presence === true,
        bit: 1 << index,
        message: field.message === undefined ? undefined : messages.get(field.message),
        values: field.values === undefined ? undefined : new Map(Object.entries(field.values)),
        fault: `${fieldName} is not ${field.repeated ? `a list with ${KINDS[field.type]} in every place` : KINDS[field.type]}`,
      });
    });
  }
  return messages;
}

const MESSAGES = compile();

/** The message of that name in `SCHEMA`. */
export function jsonMessage(name: string): JsonMessage {
  return MESSAGES.get(name)!;
}
