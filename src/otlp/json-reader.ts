import { ByteBuilder } from '../base/byte-builder.ts';
import { MalformedError } from './protobuf-reader.ts';

/**
 * Deeper texts are refused, to keep the stack short. Values of an attribute may nest 64 deep, and the
 * deepest form of that takes four JSON levels for each.
 */
const DEPTH_MAX = 280;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const REPLACEMENT = 0xfffd;

/** What the letter after a backslash stands for. */
const ESCAPES = new Uint8Array(128);
for (const [letter, byte] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  ESCAPES[letter!.charCodeAt(0)] = byte!.charCodeAt(0);
}

/** Reads JSON by position over its UTF-8 bytes. Throws `MalformedError` with the byte where the text goes wrong. */
export class JsonReader {
  source: Buffer = Buffer.alloc(0);
  position = 0;
  depth = 0;
  /** Set by `string` and `number`: where the content is; escapes are already resolved. */
  text: Buffer = this.source;
  start = 0;
  end = 0;
  readonly #scratch = new ByteBuilder(4096);

  open(source: Buffer): void {
    this.source = source;
    this.depth = 0;
    const hasMark = source[0] === 0xef && source[1] === 0xbb && source[2] === 0xbf;
    this.position = hasMark ? 3 : 0;
  }

  fail(problem: string): never {
    throw new MalformedError(`${problem} at byte ${this.position}`);
  }

  /** Goes to the next byte that is not white space and returns it, or -1 at the end. */
  peek(): number {
    const { source } = this;
    let at = this.position;
    for (;;) {
      const byte = source[at];
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
      else {
        this.position = at;
        return byte ?? -1;
      }
    }
  }

  /** Takes `byte` if it is next, white space aside. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.position++;
    return true;
  }

  expect(byte: number): void {
    if (this.peek() !== byte) this.unexpected(`"${String.fromCharCode(byte)}"`);
    this.position++;
  }

  unexpected(due: string): never {
    const byte = this.peek();
    if (byte === -1) this.fail(`the text ends where ${due} is due`);
    const found = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`;
    return this.fail(`${found} where ${due} is due`);
  }

  /** Takes the opening byte of an object or array. */
  enter(byte: number): void {
    this.expect(byte);
    if (++this.depth > DEPTH_MAX) this.fail(`nesting deeper than ${DEPTH_MAX} levels`);
  }

  /** After an element: true when another follows, false when `close` has ended the object or array. */
  more(close: number): boolean {
    const byte = this.peek();
    if (byte !== 0x2c && byte !== close) this.unexpected(`"," or "${String.fromCharCode(close)}"`);
    this.position++;
    if (byte !== close) return true;
    this.depth--;
    return false;
  }

  /** True when `close` is next: the object or array is empty. */
  isEmpty(close: number): boolean {
    if (!this.take(close)) return false;
    this.depth--;
    return true;
  }

  /** An object's key and the colon after it. */
  key(): void {
    if (this.peek() !== QUOTE) this.unexpected('a key');
    this.string();
    this.expect(0x3a);
  }

  /** The string whose opening quote is next. */
  string(): void {
    const { source } = this;
    const from = this.position + 1;
    for (let at = from; at < source.length; at++) {
      const byte = source[at]!;
      if (byte === QUOTE) {
        this.text = source;
        this.start = from;
        this.end = at;
        this.position = at + 1;
        return;
      }
      if (byte === BACKSLASH) {
        this.#unescape(from, at);
        return;
      }
      if (byte < 0x20) this.#failAt(at, 'a control character in a string');
    }
    this.#failAt(source.length, 'the text ends inside a string');
  }

  #failAt(at: number, problem: string): never {
    this.position = at;
    return this.fail(problem);
  }

  /** Goes on with a string from its first backslash. */
  #unescape(from: number, backslash: number): void {
    const { source } = this;
    const scratch = this.#scratch;
    scratch.reset();
    let run = from;
    for (let at = backslash; at < source.length; at++) {
      const byte = source[at]!;
      if (byte === QUOTE) {
        scratch.copy(source, run, at);
        this.text = scratch.bytes;
        this.start = 0;
        this.end = scratch.length;
        this.position = at + 1;
        return;
      }
      if (byte < 0x20) this.#failAt(at, 'a control character in a string');
      if (byte !== BACKSLASH) continue;
      scratch.copy(source, run, at);
      at = this.#escape(at + 1);
      run = at + 1;
    }
    this.#failAt(source.length, 'the text ends inside a string');
  }

  /** Resolves the escape whose letter is at `at`; returns the position of its last byte. */
  #escape(at: number): number {
    const letter = this.source[at] ?? 0;
    if (letter !== LOWER_U) {
      const byte = letter < 128 ? ESCAPES[letter]! : 0;
      if (byte === 0) this.#failAt(at, 'an unknown escape in a string');
      this.#scratch.u8(byte);
      return at;
    }
    let code = this.#hex4(at + 1);
    let last = at + 4;
    if (code >= 0xd800 && code < 0xdc00) {
      const second = this.#lowSurrogate(last + 1);
      if (second === -1) code = REPLACEMENT;
      else {
        code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
        last += 6;
      }
    } else if (code >= 0xdc00 && code < 0xe000) code = REPLACEMENT;
    this.#scratch.text(String.fromCodePoint(code));
    return last;
  }

  #lowSurrogate(at: number): number {
    if (this.source[at] !== BACKSLASH || this.source[at + 1] !== LOWER_U) return -1;
    const code = this.#hex4(at + 2);
    return code >= 0xdc00 && code < 0xe000 ? code : -1;
  }

  #hex4(at: number): number {
    let code = 0;
    for (let i = at; i < at + 4; i++) {
      const digit = hexDigit(this.source[i] ?? 0);
      if (digit === -1) this.#failAt(i, 'an unfinished \\u escape');
      code = code * 16 + digit;
    }
    return code;
  }

  /** The number that is next; its text is left in `text`. */
  number(): void {
    const { source } = this;
    this.start = this.position;
    let at = this.position;
    if (source[at] === MINUS) at++;
    if (source[at] === ZERO) at++;
    else at = this.#digits(at);
    if (source[at] === POINT) at = this.#digits(at + 1);
    if (source[at] === LOWER_E || source[at] === UPPER_E) {
      at++;
      if (source[at] === MINUS || source[at] === 0x2b) at++;
      at = this.#digits(at);
    }
    this.text = source;
    this.end = at;
    this.position = at;
  }

  #digits(from: number): number {
    let at = from;
    while (isDigit(this.source[at] ?? 0)) at++;
    if (at === from) {
      this.position = at;
      this.unexpected('a digit');
    }
    return at;
  }

  /** `true`, `false` or `null`, of which the first letter is next. */
  word(word: string): void {
    for (let i = 0; i < word.length; i++) {
      if (this.source[this.position + i] !== word.charCodeAt(i)) this.unexpected('a value');
    }
    this.position += word.length;
  }

  /** Goes behind the next value, whatever it is. */
  skip(): void {
    const byte = this.peek();
    if (byte === OPEN_BRACE) {
      this.enter(OPEN_BRACE);
      if (this.isEmpty(CLOSE_BRACE)) return;
      do {
        this.key();
        this.skip();
      } while (this.more(CLOSE_BRACE));
    } else if (byte === OPEN_BRACKET) {
      this.enter(OPEN_BRACKET);
      if (this.isEmpty(CLOSE_BRACKET)) return;
      do this.skip();
      while (this.more(CLOSE_BRACKET));
    } else if (byte === QUOTE) this.string();
    else if (byte === 0x74) this.word('true');
    else if (byte === 0x66) this.word('false');
    else if (byte === 0x6e) this.word('null');
    else if (byte === MINUS || isDigit(byte)) this.number();
    else this.unexpected('a value');
  }
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** The value of a hexadecimal digit of either case, or -1. */
export function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
