import { createHash } from 'node:crypto';

import { JsonNode, openJsonFile } from '../base/json-file.ts';
import type { JsonFile, JsonValue } from '../base/json-file.ts';
import { canonicalJson, verifyPackage } from '../base/verifier.ts';
import type { Json, JsonObject, PackageVerdict } from '../base/verifier.ts';

/** Names that stand twice are told of so far. */
const TWINS_MAX = 10;

/**
 * Verifies the evidence package in a file of any size, in memory that does not grow with it; the verdict is that of
 * `verifyPackage` on the whole. Beyond that, no name may stand twice in an object: readers differ on which of the two
 * counts. Throws a `SyntaxError` for what is no JSON, and the operating system's errors.
 */
export function verifyPackageFile(
  path: string,
  knownKey?: string,
  partBytesMax?: number,
): PackageVerdict {
  const file = openJsonFile(path, partBytesMax);
  try {
    const whole = packageIn(file);
    const hash = createHash('sha256');
    const feed = (text: string): void => void hash.update(text, 'utf8');
    if (whole instanceof JsonNode) file.canonical(whole, feed, ['signature']);
    else if (whole !== undefined) {
      const { signature: _signature, ...content } = whole as JsonObject;
      feed(canonicalJson(content));
    }
    const lazy = whole === undefined ? {} : lazyPackage(file, whole);
    const verdict = verifyPackage(lazy, knownKey, hash.digest('hex'));
    const twins = file.twins.slice(0, TWINS_MAX).map(({ name, at }) => ({
      session_id: '',
      seq: 0,
      event_id: '',
      reason: `the name ${JSON.stringify(name)} stands twice in one object, at byte ${at}`,
    }));
    const failures = [...verdict.failures, ...twins];
    return { ...verdict, ok: failures.length === 0, failures };
  } finally {
    file.close();
  }
}

/** The package of the document; the server's answer holds it in an envelope. Undefined for what is no object. */
function packageIn(file: JsonFile): JsonValue | undefined {
  const { root } = file;
  const success = file.member(root, 'success');
  const inner =
    success !== undefined && file.value(success) === true ? file.member(root, 'data') : root;
  return file.isObject(inner) ? inner : undefined;
}

/** What `verifyPackage` looks at, read when it does. */
function lazyPackage(file: JsonFile, whole: JsonValue): JsonObject {
  const valueOf = (of: JsonValue | undefined, name: string): Json => {
    const found = file.member(of, name);
    return found === undefined ? null : file.value(found);
  };
  function* records(list: JsonValue | undefined): Generator<Json> {
    for (const record of file.items(list)) yield file.value(record);
  }
  function* sessions(): Generator<JsonObject> {
    for (const session of file.items(file.member(whole, 'sessions'))) {
      const integrity = file.member(session, 'integrity');
      yield lazy({
        session_id: valueOf(session, 'session_id'),
        integrity: lazy({
          genesis: valueOf(integrity, 'genesis'),
          head: valueOf(integrity, 'head'),
          records: records(file.member(integrity, 'records')),
        }),
      });
    }
  }
  return lazy({
    public_key: valueOf(whole, 'public_key'),
    signature: valueOf(whole, 'signature'),
    sessions: sessions(),
  });
}

const lazy = (parts: Readonly<Record<string, Json | Iterable<Json>>>): JsonObject =>
  parts as JsonObject;
