import { ByteBuilder } from '../base/byte-builder.ts';
import type { Signal } from '../model/signal.ts';

/** Answers to export requests, in both encodings. OTLP 1.x, "OTLP/HTTP Response" and "Partial Success". */

export type Encoding = 'protobuf' | 'json';

/** What an accepted request is told; zero and '' on full success. */
export interface ExportResult {
  readonly rejected: number;
  readonly message: string;
}

const REJECTED_FIELD: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
};

/** `Export<Signal>ServiceResponse` as a JSON value; on full success `partialSuccess` is unset. */
export function exportResponseJson(signal: Signal, result: ExportResult): Record<string, unknown> {
  if (result.rejected === 0 && result.message === '') return {};
  return {
    partialSuccess: {
      [REJECTED_FIELD[signal]]: String(result.rejected),
      errorMessage: result.message,
    },
  };
}

/** `Export<Signal>ServiceResponse`: partial_success = 1 { rejected = 1, error_message = 2 }, alike for all signals. */
export function encodeExportResponse(result: ExportResult): Buffer {
  if (result.rejected === 0 && result.message === '') return Buffer.alloc(0);
  const partial = new ByteBuilder(64);
  if (result.rejected !== 0) {
    partial.u8(0x08);
    partial.varint(result.rejected);
  }
  if (result.message !== '') writeText(partial, 2, result.message);
  const out = new ByteBuilder(partial.length + 8);
  writeBytes(out, 1, partial.view());
  return Buffer.from(out.view());
}

/**
 * `google.rpc.Status`: code, message and details: `RetryInfo` for a request that may be sent again, `BadRequest`
 * for one that is wrong.
 */
export interface RpcStatus {
  /** gRPC status code. */
  readonly code: number;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';
const INVALID_ARGUMENT = 3;

export function rpcStatusJson(status: RpcStatus): Record<string, unknown> {
  const details: object[] = [];
  if (status.code === INVALID_ARGUMENT) {
    const fieldViolations = [{ description: status.message }];
    details.push({ '@type': BAD_REQUEST, fieldViolations });
  }
  if (status.retryAfterSeconds !== undefined) {
    details.push({ '@type': RETRY_INFO, retryDelay: `${Math.ceil(status.retryAfterSeconds)}s` });
  }
  const body = { code: status.code, message: status.message };
  return details.length === 0 ? body : { ...body, details };
}

/** Status { code = 1, message = 2, details = 3: Any }. */
export function encodeRpcStatus(status: RpcStatus): Buffer {
  const out = new ByteBuilder(128);
  out.u8(0x08);
  out.varint(status.code);
  if (status.message !== '') writeText(out, 2, status.message);
  if (status.code === INVALID_ARGUMENT) {
    // BadRequest { field_violations = 1: FieldViolation { description = 2 } }
    const violation = new ByteBuilder(128);
    writeText(violation, 2, status.message);
    const badRequest = new ByteBuilder(128);
    writeBytes(badRequest, 1, violation.view());
    writeDetail(out, BAD_REQUEST, badRequest.view());
  }
  if (status.retryAfterSeconds !== undefined) {
    // RetryInfo { retry_delay = 1: Duration { seconds = 1 } }
    const duration = new ByteBuilder(8);
    duration.u8(0x08);
    duration.varint(Math.ceil(status.retryAfterSeconds));
    const retryInfo = new ByteBuilder(8);
    writeBytes(retryInfo, 1, duration.view());
    writeDetail(out, RETRY_INFO, retryInfo.view());
  }
  return Buffer.from(out.view());
}

/** Any { type_url = 1, value = 2 } */
function writeDetail(out: ByteBuilder, type: string, value: Buffer): void {
  const any = new ByteBuilder(128);
  writeText(any, 1, type);
  writeBytes(any, 2, value);
  writeBytes(out, 3, any.view());
}

function writeText(out: ByteBuilder, field: number, text: string): void {
  writeBytes(out, field, Buffer.from(text, 'utf8'));
}

function writeBytes(out: ByteBuilder, field: number, bytes: Buffer): void {
  out.varint(field * 8 + 2);
  out.varint(bytes.length);
  out.copy(bytes, 0, bytes.length);
}
