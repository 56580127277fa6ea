import { ByteBuilder } from '../base/byte-builder.ts';
import type { Signal } from '../model/signal.ts';
import type { JsonField, JsonMessage } from './json-fields.ts';
import { jsonMessage } from './json-fields.ts';
import { isDigit, JsonReader } from './json-reader.ts';
import type { JsonToken } from './json-scalar.ts';
import { WRITTEN, writeScalar } from './json-scalar.ts';
import { MalformedError } from './protobuf-reader.ts';

/**
 * The field of an item in which the JSON transcoder leaves the reason why the item cannot be kept, so that
 * one item of a wrong type costs itself and not its request. The highest field number there is.
 */
export const INVALID_FIELD = 536_870_911;

const REQUESTS: Readonly<Record<Signal, JsonMessage>> = {
  traces: jsonMessage('ExportTraceServiceRequest'),
  logs: jsonMessage('ExportLogsServiceRequest'),
  metrics: jsonMessage('ExportMetricsServiceRequest'),
};

const QUOTE = 0x22;
const MINUS = 0x2d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LETTER_N = 0x6e;

/**
 * Turns an OTLP/JSON export request into the same request in protocol buffers, in one pass over the bytes:
 * 64-bit numbers keep all their digits. Takes what the specification asks for (hexadecimal ids, unknown
 * fields, `null` as unset) and, beyond it, snake_case keys and the names of enums. A value of the wrong
 * type marks its item with `INVALID_FIELD`. Throws `MalformedError`, naming the byte, when the text is not
 * JSON or what encloses the items is wrong.
 */
export function transcodeJson(signal: Signal, json: Buffer): Buffer {
  return transcoder.transcode(REQUESTS[signal], json);
}

class JsonTranscoder {
  readonly #reader = new JsonReader();
  readonly #out = new ByteBuilder(64 * 1024);
  readonly #token: JsonToken = { kind: 'other', text: Buffer.alloc(0), start: 0, end: 0 };
  /** Items around the present position. */
  #items = 0;
  /** Why the innermost item cannot be kept, or ''. */
  #problem = '';

  transcode(message: JsonMessage, json: Buffer): Buffer {
    const reader = this.#reader;
    const out = this.#out;
    this.#items = 0;
    this.#problem = '';
    out.reset();
    reader.open(json);
    try {
      if (reader.peek() !== OPEN_BRACE) reader.unexpected('an object');
      this.#members(message);
      if (reader.peek() !== -1) reader.unexpected('the end of the text');
      return Buffer.from(out.view());
    } finally {
      out.reset();
    }
  }

  /** The members of the object that is next, as the fields of `message`. */
  #members(message: JsonMessage): void {
    const reader = this.#reader;
    reader.enter(OPEN_BRACE);
    if (reader.isEmpty(CLOSE_BRACE)) return;
    let seen = 0;
    do {
      reader.key();
      const field = message.find(reader.text, reader.start, reader.end);
      const next = reader.peek();
      if (field === undefined) reader.skip();
      else if (next === LETTER_N) reader.word('null');
      else {
        this.#field(field, (seen & field.bit) !== 0);
        seen |= field.bit;
      }
    } while (reader.more(CLOSE_BRACE));
  }

  /** The value that is next; one of the wrong kind is taken out again and noted. */
  #field(field: JsonField, seen: boolean): void {
    const reader = this.#reader;
    const { position, depth } = reader;
    const written = this.#out.length;
    const isGood = field.repeated
      ? this.#list(field)
      : field.message === undefined
        ? this.#scalar(field, seen)
        : this.#message(field, field.message);
    if (isGood) return;
    if (this.#items === 0) {
      throw new MalformedError(`${field.fault} at byte ${position}`);
    }
    if (this.#problem === '') this.#problem = field.fault;
    this.#out.length = written;
    reader.position = position;
    reader.depth = depth;
    reader.skip();
  }

  #message(field: JsonField, message: JsonMessage): boolean {
    if (this.#reader.peek() !== OPEN_BRACE) return false;
    this.#out.varint(field.tag);
    const start = this.#open();
    if (message.item) this.#item(message);
    else this.#members(message);
    this.#close(start);
    return true;
  }

  #item(message: JsonMessage): void {
    const outer = this.#problem;
    this.#problem = '';
    this.#items++;
    this.#members(message);
    this.#items--;
    if (this.#problem !== '') {
      this.#out.varint(INVALID_FIELD * 8 + 2);
      const start = this.#open();
      this.#out.text(this.#problem);
      this.#close(start);
    }
    this.#problem = outer;
  }

  #list(field: JsonField): boolean {
    const reader = this.#reader;
    if (reader.peek() !== OPEN_BRACKET) return false;
    reader.enter(OPEN_BRACKET);
    if (reader.isEmpty(CLOSE_BRACKET)) return true;
    if (field.message !== undefined) return this.#messages(field, field.message);
    if (field.type === 'string') return this.#strings(field);
    this.#out.varint(field.number * 8 + 2);
    const start = this.#open();
    do {
      if (this.#write(field) === WRITTEN.wrong) return false;
    } while (reader.more(CLOSE_BRACKET));
    this.#close(start);
    return true;
  }

  /** An element that is `null` is an empty message, so that a list of values keeps its places. */
  #messages(field: JsonField, message: JsonMessage): boolean {
    const reader = this.#reader;
    do {
      if (reader.peek() === LETTER_N) {
        reader.word('null');
        this.#out.varint(field.tag);
        this.#out.u8(0);
      } else if (!this.#message(field, message)) return false;
    } while (reader.more(CLOSE_BRACKET));
    return true;
  }

  #strings(field: JsonField): boolean {
    do {
      this.#out.varint(field.tag);
      if (this.#write(field) === WRITTEN.wrong) return false;
    } while (this.#reader.more(CLOSE_BRACKET));
    return true;
  }

  /** A zero is left out, as protocol buffers do, unless it takes back what an equal key said before. */
  #scalar(field: JsonField, seen: boolean): boolean {
    const start = this.#out.length;
    this.#out.varint(field.tag);
    const outcome = this.#write(field);
    if (outcome === WRITTEN.zero && !field.presence && !seen) this.#out.length = start;
    return outcome !== WRITTEN.wrong;
  }

  #write(field: JsonField): number {
    const reader = this.#reader;
    const token = this.#token;
    const byte = reader.peek();
    if (byte === QUOTE) {
      token.kind = 'string';
      reader.string();
    } else if (byte === MINUS || isDigit(byte)) {
      token.kind = 'number';
      reader.number();
    } else if (byte === 0x74) {
      token.kind = 'true';
      reader.word('true');
    } else if (byte === 0x66) {
      token.kind = 'false';
      reader.word('false');
    } else return WRITTEN.wrong;
    token.text = reader.text;
    token.start = reader.start;
    token.end = reader.end;
    return writeScalar(this.#out, field, token);
  }

  /** Leaves a byte for the length of what follows. */
  #open(): number {
    this.#out.u8(0);
    return this.#out.length;
  }

  /** Writes the length of what followed `#open`, and makes room for it where one byte is too short. */
  #close(start: number): void {
    const out = this.#out;
    const { length: end } = out;
    const length = end - start;
    if (length >= 0x80) {
      const more = length < 0x4000 ? 1 : length < 0x200000 ? 2 : length < 0x10000000 ? 3 : 4;
      out.reserve(more);
      out.bytes.copyWithin(start + more, start, end);
      out.length = start - 1;
      out.varint(length);
      out.length = end + more;
    } else out.bytes[start - 1] = length;
  }
}

const transcoder = new JsonTranscoder();
