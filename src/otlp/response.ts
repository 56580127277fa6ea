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

/** `google.rpc.Status`: code, message and, for a request that may be sent again, `RetryInfo`. */
export interface RpcStatus {
  /** gRPC status code. */
  readonly code: number;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

export function rpcStatusJson(status: RpcStatus): Record<string, unknown> {
  const body = { code: status.code, message: status.message };
  if (status.retryAfterSeconds === undefined) return body;
  return {
    ...body,
    details: [{ '@type': RETRY_INFO, retryDelay: `${status.retryAfterSeconds}s` }],
  };
}

/** Status { code = 1, message = 2, details = 3: Any { type_url = 1, value = 2 } }; RetryInfo { retry_delay = 1: Duration { seconds = 1 } }. */
export function encodeRpcStatus(status: RpcStatus): Buffer {
  const out = new ByteBuilder(128);
  out.u8(0x08);
  out.varint(status.code);
  if (status.message !== '') writeText(out, 2, status.message);
  if (status.retryAfterSeconds !== undefined) {
    const duration = new ByteBuilder(8);
    duration.u8(0x08);
    duration.varint(status.retryAfterSeconds);
    const retryInfo = new ByteBuilder(8);
    writeBytes(retryInfo, 1, duration.view());
    const any = new ByteBuilder(64);
    writeText(any, 1, RETRY_INFO);
    writeBytes(any, 2, retryInfo.view());
    writeBytes(out, 3, any.view());
  }
  return Buffer.from(out.view());
}

function writeText(out: ByteBuilder, field: number, text: string): void {
  writeBytes(out, field, Buffer.from(text, 'utf8'));
}

function writeBytes(out: ByteBuilder, field: number, bytes: Buffer): void {
  out.varint(field * 8 + 2);
  out.varint(bytes.length);
  out.copy(bytes, 0, bytes.length);
}
