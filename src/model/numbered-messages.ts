import { toMessage } from './message-shape.ts';
import type { Message } from './message-shape.ts';

/** Messages that are spread over one attribute for every field: `llm.input_messages.0.message.role`, `gen_ai.prompt.0.content`. */

const INDEX = /^(\d{1,4})\.(.+)$/;

/**
 * The messages below a prefix, in the order of their numbers. `inner` stands behind the number of every key
 * (`message.`), or is ''.
 */
export function numberedMessages(
  entries: Iterable<readonly [key: string, text: string]>,
  prefix: string,
  inner: string,
  defaultRole: string,
): Message[] {
  const byIndex = new Map<number, Record<string, unknown>>();
  for (const [key, text] of entries) {
    if (!key.startsWith(prefix)) continue;
    const match = INDEX.exec(key.slice(prefix.length));
    if (match === null) continue;
    const path = match[2]!.startsWith(inner) ? match[2]!.slice(inner.length) : match[2]!;
    const at = Number(match[1]);
    let fields = byIndex.get(at);
    if (fields === undefined) byIndex.set(at, (fields = {}));
    assign(fields, path.split('.'), text);
  }
  return [...byIndex]
    .toSorted(([a], [b]) => a - b)
    .map(([, fields]) => toMessage(unwrap(fields), defaultRole));
}

/** `tool_calls.0.tool_call.function.name` into nested objects; numbers stay keys. */
function assign(into: Record<string, unknown>, path: readonly string[], value: string): void {
  const [first, ...rest] = path;
  // Keys come from telemetry: none of them may reach an object's prototype.
  if (first === undefined || first === '__proto__') return;
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const held = Object.hasOwn(into, first) ? into[first] : undefined;
  const next = typeof held === 'object' && held !== null ? held : {};
  into[first] = next;
  assign(next as Record<string, unknown>, rest, value);
}

const WRAPPERS = ['tool_call', 'message_content', 'function'] as const;

/** Objects whose keys are numbers become lists, and the wrappers that OpenInference puts around things go. */
function unwrap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key))) {
    return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, each]) => unwrap(each));
  }
  const only = entries.length === 1 ? entries[0]! : undefined;
  if (only !== undefined && WRAPPERS.some((name) => name === only[0])) return unwrap(only[1]);
  const plain = Object.fromEntries(entries.map(([key, each]) => [key, unwrap(each)]));
  // OpenInference's `contents` is what others call `content`.
  if (plain['content'] === undefined && plain['contents'] !== undefined) {
    plain['content'] = plain['contents'];
  }
  return plain;
}
