import type { Signal } from '../model/signal.ts';
import { eachField } from './each-field.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import type { Encoding, ExportResult } from './response.ts';

const FULL: ExportResult = { rejected: 0, message: '' };

/**
 * What a receiver that accepted a request says of its items. An answer that cannot be read counts as full
 * success, since the status has said so already.
 */
export function decodeExportResponse(
  signal: Signal,
  encoding: Encoding,
  body: Buffer,
): ExportResult {
  try {
    return encoding === 'json' ? readJson(signal, body) : readProtobuf(body);
  } catch {
    return FULL;
  }
}

function readJson(signal: Signal, body: Buffer): ExportResult {
  if (body.length === 0) return FULL;
  const answer = JSON.parse(body.toString('utf8')) as {
    partialSuccess?: Readonly<Record<string, unknown>> | null;
  };
  const partial = answer.partialSuccess ?? {};
  const items = { traces: 'Spans', metrics: 'DataPoints', logs: 'LogRecords' }[signal];
  const rejected = Number(partial[`rejected${items}`] ?? 0);
  return {
    rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    message: typeof partial['errorMessage'] === 'string' ? partial['errorMessage'] : '',
  };
}

function readProtobuf(body: Buffer): ExportResult {
  let result = FULL;
  eachField(body, { start: 0, end: body.length }, 1, (start, end) => {
    const reader = new ProtobufReader();
    reader.open(body, start, end);
    let { rejected, message } = FULL;
    while (reader.tag()) {
      if (reader.field === 1) rejected = reader.uint32();
      else if (reader.field === 2) {
        reader.bytes();
        message = body.toString('utf8', reader.start, reader.end);
      } else reader.skip();
    }
    result = { rejected, message };
  });
  return result;
}
