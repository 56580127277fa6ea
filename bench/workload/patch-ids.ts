/**
 * Makes each sending of a ready request a new one: the first four bytes of every trace id and span id are
 * replaced, alike in all places, so that the traces keep their shape.
 */
export interface Template {
  readonly body: Buffer;
  /** Positions of ids in the body. */
  readonly offsets: Uint32Array;
  /** Those of trace ids. */
  readonly traceIdOffsets: Uint32Array;
  readonly spans: number;
}

/** Finds the ids of an `ExportTraceServiceRequest`: fields 1, 2 and 4 of every span. */
export function createTemplate(body: Buffer): Template {
  const offsets: number[] = [];
  const traceIdOffsets: number[] = [];
  let spans = 0;
  for (const [start, end] of messages(body, 0, body.length, 1)) {
    for (const [from, to] of messages(body, start, end, 2)) {
      for (const [spanStart, spanEnd] of messages(body, from, to, 2)) {
        spans++;
        for (const field of [1, 2, 4]) {
          for (const [at] of messages(body, spanStart, spanEnd, field)) {
            offsets.push(at);
            if (field === 1) traceIdOffsets.push(at);
          }
        }
      }
    }
  }
  return {
    body,
    offsets: Uint32Array.from(offsets),
    traceIdOffsets: Uint32Array.from(traceIdOffsets),
    spans,
  };
}

/** A copy of the request with ids of its own; `number` is distinct for each copy. */
export function stampIds(template: Template, number: number): Buffer {
  const body = Buffer.from(template.body);
  for (const at of template.offsets) body.writeUInt32LE(number, at + 1);
  return body;
}

function* messages(
  body: Buffer,
  start: number,
  end: number,
  wanted: number,
): Generator<[number, number]> {
  let at = start;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = body[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < end) {
    const tag = varint();
    if ((tag & 7) === 0) varint();
    else if ((tag & 7) === 1) at += 8;
    else if ((tag & 7) === 5) at += 4;
    else {
      const length = varint();
      if (tag >>> 3 === wanted) yield [at, at + length];
      at += length;
    }
  }
}
