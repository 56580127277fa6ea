import { createHash } from 'node:crypto';

const CONTENT_NAMES = new Set(['content', 'body', 'data', 'file_content', 'text']);
const LENGTH_SHOWN_MAX = 255;
const DEPTH_MAX = 64;

/** Replaces what arguments carry as content by its length, digest and kind, so that nobody is talked into anything by it. */
export function withholdContent(value: unknown): unknown {
  return withhold(value, false, 0);
}

function withhold(value: unknown, isContent: boolean, depth: number): unknown {
  if (depth > DEPTH_MAX) return null;
  if (typeof value === 'string') {
    return isContent || value.length > LENGTH_SHOWN_MAX ? describe(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => withhold(item, isContent, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      withhold(member, isContent || CONTENT_NAMES.has(name.toLowerCase()), depth + 1),
    ]),
  );
}

function describe(text: string) {
  return {
    content_length: text.length,
    content_sha256: createHash('sha256').update(text).digest('hex'),
    content_type_detected: typeOf(text),
  };
}

function typeOf(text: string): string {
  const start = text.trimStart();
  if (/^[{[]/.test(start) && isJson(start)) return 'application/json';
  if (start.startsWith('<')) {
    return /^<(?:!doctype html|html)/i.test(start) ? 'text/html' : 'text/xml';
  }
  // Control characters other than white space and escape.
  const binary = Buffer.from(text.slice(0, 512), 'utf16le').some((byte, index, bytes) => {
    if (index % 2 === 1) return false;
    const code = byte + 256 * bytes[index + 1]!;
    return code < 9 || (code > 13 && code < 32 && code !== 27);
  });
  return binary ? 'application/octet-stream' : 'text/plain';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
