import { closeSync, openSync, readSync } from 'node:fs';

import { canonicalJson } from './verifier.ts';
import type { Json, JsonObject } from './verifier.ts';

/**
 * A JSON document on the disk, read by parts in memory that does not grow with it: where its large values stand is noted in
 * one pass over the bytes, and parts are parsed when they are asked for. What is no JSON throws a `SyntaxError`, like
 * `JSON.parse`: at once where it is the frame of large values, else when the part is read.
 */

/** Bytes of the file. */
interface Place {
  readonly start: number;
  readonly end: number;
}

type Shape =
  /** Small enough to be parsed whole. */
  | { readonly kind: 'part' }
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'list'; readonly items: readonly JsonItem[] };

interface JsonMember {
  readonly key: Place;
  readonly value: JsonNode;
}

/** A large member of a list, or small ones after each other. */
type JsonItem = JsonNode | { readonly start: number; end: number };

/** A value that is still in the file. */
export class JsonNode implements Place {
  readonly start: number;
  readonly end: number;
  readonly shape: Shape;

  constructor(start: number, end: number, shape: Shape) {
    this.start = start;
    this.end = end;
    this.shape = shape;
  }
}

/** A value of the document, read or not. */
export type JsonValue = JsonNode | Json;

export interface JsonFile {
  readonly root: JsonNode;
  /** Names that stand twice in one object, the first thousand of them. */
  readonly twins: readonly { readonly name: string; readonly at: number }[];
  isObject(value: JsonValue | undefined): boolean;
  /** The value of a member; undefined where there is none. Of a name that stands twice, the last, as `JSON.parse` has it. */
  member(of: JsonValue | undefined, name: string): JsonValue | undefined;
  /** The members of a list one by one; none of what is no list. */
  items(of: JsonValue | undefined): Generator<JsonValue>;
  /** The value whole. Throws a `RangeError` for one of more than 128 MiB. */
  value(of: JsonValue): Json;
  /** Gives its canonical JSON piece by piece, without the members of the outermost object that are named. */
  canonical(of: JsonNode, write: (text: string) => void, without?: readonly string[]): void;
  close(): void;
}

const BLOCK_BYTES = 1024 * 1024;
const PART_BYTES_MAX = 64 * 1024;
const VALUE_BYTES_MAX = 128 * 1024 * 1024;
const DEPTH_MAX = 512;
/** Members of one object that is too large to be parsed whole. */
const MEMBERS_MAX = 100_000;
const TWINS_MAX = 1_000;

/** Throws the operating system's error when the file cannot be read. `partBytesMax` is from where on a value is large. */
export function openJsonFile(path: string, partBytesMax = PART_BYTES_MAX): JsonFile {
  const file = openSync(path, 'r');
  try {
    const scanner = new Scanner(file, partBytesMax);
    return new OpenJsonFile(file, scanner.document(), scanner.twins);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

class OpenJsonFile implements JsonFile {
  readonly #file: number;
  readonly root: JsonNode;
  readonly twins: JsonFile['twins'];

  constructor(file: number, root: JsonNode, twins: JsonFile['twins']) {
    this.#file = file;
    this.root = root;
    this.twins = twins;
  }

  isObject(value: JsonValue | undefined): boolean {
    if (value instanceof JsonNode && value.shape.kind !== 'part')
      return value.shape.kind === 'object';
    return value !== undefined && isObject(this.value(value));
  }

  member(of: JsonValue | undefined, name: string): JsonValue | undefined {
    if (of === undefined) return undefined;
    if (of instanceof JsonNode && of.shape.kind === 'object') {
      const { members } = of.shape;
      return members.findLast(({ key }) => JSON.parse(textAt(this.#file, key)) === name)?.value;
    }
    if (of instanceof JsonNode && of.shape.kind === 'list') return undefined;
    const value = this.value(of);
    return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }

  *items(of: JsonValue | undefined): Generator<JsonValue> {
    if (of === undefined) return;
    if (of instanceof JsonNode && of.shape.kind === 'list') {
      for (const item of of.shape.items) {
        if (item instanceof JsonNode) yield item;
        else yield* this.#run(item);
      }
    } else if (!(of instanceof JsonNode) || of.shape.kind === 'part') {
      const value = this.value(of);
      if (Array.isArray(value)) yield* value as readonly Json[];
    }
  }

  value(of: JsonValue): Json {
    if (!(of instanceof JsonNode)) return of;
    if (of.end - of.start > VALUE_BYTES_MAX) {
      throw new RangeError(
        `a value of ${of.end - of.start} bytes at byte ${of.start} is too large`,
      );
    }
    return JSON.parse(textAt(this.#file, of)) as Json;
  }

  canonical(of: JsonNode, write: (text: string) => void, without: readonly string[] = []): void {
    const { shape } = of;
    if (shape.kind === 'object') this.#canonicalObject(shape.members, write, without);
    else if (shape.kind === 'list') this.#canonicalList(shape.items, write);
    else {
      const value = this.value(of);
      if (without.length === 0 || !isObject(value)) write(canonicalJson(value));
      else {
        const kept = Object.entries(value).filter(([name]) => !without.includes(name));
        write(canonicalJson(Object.fromEntries(kept)));
      }
    }
  }

  #canonicalObject(
    members: readonly JsonMember[],
    write: (text: string) => void,
    without: readonly string[],
  ): void {
    const byName = new Map<string, JsonNode>();
    for (const { key, value } of members)
      byName.set(JSON.parse(textAt(this.#file, key)) as string, value);
    let separator = '{';
    for (const name of [...byName.keys()].sort()) {
      if (without.includes(name)) continue;
      write(`${separator}${JSON.stringify(name)}:`);
      this.canonical(byName.get(name)!, write);
      separator = ',';
    }
    write(separator === '{' ? '{}' : '}');
  }

  #canonicalList(items: readonly JsonItem[], write: (text: string) => void): void {
    let separator = '[';
    for (const item of items) {
      write(separator);
      if (item instanceof JsonNode) this.canonical(item, write);
      else write(this.#run(item).map(canonicalJson).join(','));
      separator = ',';
    }
    write(separator === '[' ? '[]' : ']');
  }

  #run(run: Place): readonly Json[] {
    return JSON.parse(`[${textAt(this.#file, run)}]`) as readonly Json[];
  }

  close(): void {
    closeSync(this.#file);
  }
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function textAt(file: number, { start, end }: Place): string {
  const bytes = Buffer.allocUnsafe(end - start);
  for (let at = 0; at < bytes.length;) {
    const read = readSync(file, bytes, at, bytes.length - at, start + at);
    if (read === 0) throw new SyntaxError('the file became shorter while it was read');
    at += read;
  }
  return bytes.toString('utf8');
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const END = -1;

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const PART: Shape = { kind: 'part' };

/** Finds where values begin and end. */
class Scanner {
  readonly #file: number;
  readonly #partBytesMax: number;
  readonly twins: { name: string; at: number }[] = [];
  readonly #block = Buffer.allocUnsafe(BLOCK_BYTES);
  /** Of the block in the file. */
  #base = 0;
  #at = 0;
  #end = 0;

  constructor(file: number, partBytesMax: number) {
    this.#file = file;
    this.#partBytesMax = partBytesMax;
  }

  document(): JsonNode {
    const root = this.#value(0);
    if (this.#skipSpace() !== END) this.#fail();
    return root;
  }

  #peek(): number {
    if (this.#at < this.#end) return this.#block[this.#at]!;
    this.#base += this.#end;
    this.#at = 0;
    this.#end = readSync(this.#file, this.#block, 0, BLOCK_BYTES, this.#base);
    return this.#end === 0 ? END : this.#block[0]!;
  }

  get #position(): number {
    return this.#base + this.#at;
  }

  #skipSpace(): number {
    let byte = this.#peek();
    while (isSpace(byte)) {
      this.#at += 1;
      byte = this.#peek();
    }
    return byte;
  }

  #fail(): never {
    const byte = this.#peek();
    const what = byte === END ? 'end' : JSON.stringify(String.fromCharCode(byte));
    throw new SyntaxError(`Unexpected ${what} at byte ${this.#position} of the JSON document`);
  }

  #value(depth: number): JsonNode {
    if (depth > DEPTH_MAX) throw new SyntaxError(`deeper than ${DEPTH_MAX} levels`);
    const first = this.#skipSpace();
    if (first === OPEN_OBJECT) return this.#object(depth);
    if (first === OPEN_LIST) return this.#list(depth);
    const start = this.#position;
    if (first === QUOTE) this.#string();
    else this.#scalar();
    return new JsonNode(start, this.#position, PART);
  }

  #string(): void {
    for (this.#at += 1; ; this.#at += 1) {
      let byte = this.#peek();
      if (byte === BACKSLASH) {
        this.#at += 1;
        byte = this.#peek();
      } else if (byte === QUOTE) break;
      if (byte === END) this.#fail();
    }
    this.#at += 1;
  }

  /** A number or a word; whether it is one is found when it is parsed. */
  #scalar(): void {
    const start = this.#position;
    for (let byte = this.#peek(); ; byte = this.#peek()) {
      const over = byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT;
      if (over || byte === END || isSpace(byte)) break;
      // What belongs to the frame of a value cannot stand in one.
      if (byte === QUOTE || byte === COLON || byte === OPEN_LIST || byte === OPEN_OBJECT)
        this.#fail();
      this.#at += 1;
    }
    if (this.#position === start) this.#fail();
  }

  #list(depth: number): JsonNode {
    const start = this.#position;
    const items: JsonItem[] = [];
    this.#each(CLOSE_LIST, () => {
      const item = this.#value(depth + 1);
      const last = items.at(-1);
      if (item.shape.kind !== 'part') items.push(item);
      else if (
        last !== undefined &&
        !(last instanceof JsonNode) &&
        item.end - last.start <= this.#partBytesMax
      )
        last.end = item.end;
      else items.push({ start: item.start, end: item.end });
    });
    const end = this.#position;
    const isSmall = end - start <= this.#partBytesMax;
    return new JsonNode(start, end, isSmall ? PART : { kind: 'list', items });
  }

  #object(depth: number): JsonNode {
    const start = this.#position;
    const members: JsonMember[] = [];
    const names = new Set<string>();
    this.#each(CLOSE_OBJECT, () => {
      if (this.#skipSpace() !== QUOTE) this.#fail();
      const key = this.#key(names);
      if (this.#skipSpace() !== COLON) this.#fail();
      this.#at += 1;
      members.push({ key, value: this.#value(depth + 1) });
      if (members.length > MEMBERS_MAX)
        throw new RangeError(`an object at byte ${start} has more than ${MEMBERS_MAX} members`);
    });
    const end = this.#position;
    const isSmall = end - start <= this.#partBytesMax;
    return new JsonNode(start, end, isSmall ? PART : { kind: 'object', members });
  }

  #key(names: Set<string>): Place {
    const start = this.#position;
    const [base, at] = [this.#base, this.#at];
    this.#string();
    const key = { start, end: this.#position };
    const text =
      this.#base === base ? this.#block.toString('utf8', at, this.#at) : textAt(this.#file, key);
    const name = text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
    if (names.has(name) && this.twins.length < TWINS_MAX) this.twins.push({ name, at: start });
    names.add(name);
    return key;
  }

  /** The members between brackets. */
  #each(close: number, member: () => void): void {
    this.#at += 1;
    if (this.#skipSpace() === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      member();
      const byte = this.#skipSpace();
      if (byte !== COMMA && byte !== close) this.#fail();
      this.#at += 1;
      if (byte === close) return;
    }
  }
}
