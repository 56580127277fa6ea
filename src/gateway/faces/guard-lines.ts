import { Transform, type Readable, type Writable } from 'node:stream';

import { isDeeperThan } from '../../base/is-deeper-than.ts';
import { MESSAGE_LEVELS_MAX, TOO_DEEP } from './deep-message.ts';

/** With its line feed, as a request over HTTP may be. */
export const LINE_BYTES_MAX = 10 * 1024 * 1024;
const INVALID_REQUEST = -32_600;
const LINE_FEED = 10;
const [BRACKET, BRACE] = [91, 123];

/**
 * The lines of `input` that whoever reads messages can bear. One that is too long or too deep is answered with an error of
 * JSON-RPC on `output` in place of being passed on: a deep one would keep its reader busy for minutes, a long one end the
 * connection.
 */
export function guardLines(
  input: Readable,
  output: Writable,
  onDeep: (message: unknown) => void = () => undefined,
): Readable {
  let chunks: Buffer[] = [];
  let bytes = 0;

  const refuse = (id: unknown, message: string): void => {
    const isId = typeof id === 'string' || typeof id === 'number';
    const error = { code: INVALID_REQUEST, message };
    output.write(`${JSON.stringify({ jsonrpc: '2.0', id: isId ? id : null, error })}\n`);
  };

  /** The line when it may pass. */
  const checkedLine = (): Buffer | undefined => {
    if (bytes > LINE_BYTES_MAX) {
      refuse(null, `the message is larger than ${LINE_BYTES_MAX} bytes`);
      return undefined;
    }
    const line = Buffer.concat(chunks);
    const message = mayBeDeep(line) ? parsed(line) : undefined;
    if (!isDeeperThan(message, MESSAGE_LEVELS_MAX)) return line;
    onDeep(message);
    const { id, method } = message as { readonly id?: unknown; readonly method?: unknown };
    // Nobody waits for an answer to a notification.
    if (id !== undefined || typeof method !== 'string') refuse(id, TOO_DEEP);
    return undefined;
  };

  const guard = new Transform({
    transform(chunk: Buffer, _, done) {
      let from = 0;
      for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
        take(chunk.subarray(from, at + 1));
        const line = checkedLine();
        if (line !== undefined) this.push(line);
        [chunks, bytes, from] = [[], 0, at + 1];
      }
      take(chunk.subarray(from));
      done();
    },
  });
  const take = (part: Buffer): void => {
    bytes += part.length;
    if (bytes <= LINE_BYTES_MAX) chunks.push(part);
    else chunks = [];
  };
  input.once('error', (error) => guard.destroy(error));
  input.once('close', () => guard.end());
  return input.pipe(guard);
}

/** Whether there are brackets enough, some of which may stand in texts. */
function mayBeDeep(line: Buffer): boolean {
  let open = 0;
  for (const byte of line) {
    if (byte === BRACKET || byte === BRACE) open += 1;
    if (open > MESSAGE_LEVELS_MAX) return true;
  }
  return false;
}

/** Undefined for what is no JSON: its reader says so. */
function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}
