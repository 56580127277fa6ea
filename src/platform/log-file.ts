import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const FILE_BYTES_MAX = 8 * 1024 * 1024;
/** A longer line is cut into several. */
const LINE_LENGTH_MAX = 16_384;

/** The lines of one process, each behind the time that it came, in `NAME.log`; the file before it is `NAME.log.1`. */
export interface LogFile {
  write(line: string): void;
  close(): void;
}

export function openLogFile(
  path: string,
  options: { readonly now?: () => number; readonly bytesMax?: number } = {},
): LogFile {
  const { bytesMax = FILE_BYTES_MAX, now = Date.now } = options;
  let descriptor: number | undefined = openSync(path, 'a', 0o600);
  let size = statSync(path).size;
  return {
    write(line) {
      if (descriptor === undefined) return;
      if (size > bytesMax) {
        closeSync(descriptor);
        renameSync(path, `${path}.1`);
        descriptor = openSync(path, 'a', 0o600);
        size = 0;
      }
      size += writeSync(descriptor, `${new Date(now()).toISOString()} ${line}\n`);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** Hands over each line of a stream without its end; the last one, too, when the stream ends within it. */
export function eachLine(stream: Readable, handle: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) handle(line.replace(/\r$/, ''));
    while (rest.length > LINE_LENGTH_MAX) {
      handle(rest.slice(0, LINE_LENGTH_MAX));
      rest = rest.slice(LINE_LENGTH_MAX);
    }
  };
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  stream.on('end', () => {
    take(decoder.end());
    if (rest !== '') handle(rest);
    rest = '';
  });
  // The process is gone; its end is told by the process itself.
  stream.on('error', () => undefined);
}
