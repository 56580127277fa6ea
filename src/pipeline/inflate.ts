import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

import { AppError, messageOf } from '../errors.ts';
import type { TelemetryRequest } from './telemetry-consumer.ts';

/**
 * Decompresses a request's body, giving up as soon as it grows past `bytesMax`.
 * `deflate` is the zlib format (RFC 9110 §8.4.1.2); bare deflate data, which some clients send, is read too.
 */
export function inflate(request: TelemetryRequest, bytesMax: number): Buffer {
  const body = Buffer.from(request.body);
  const options = { maxOutputLength: bytesMax };
  try {
    switch (request.compression) {
      case 'none':
        if (body.length > bytesMax) throw tooLarge(bytesMax);
        return body;
      case 'gzip':
        return gunzipSync(body, options);
      case 'deflate':
        return (body[0]! & 0x0f) === 8 ? inflateSync(body, options) : inflateRawSync(body, options);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax);
    throw new AppError(
      'TELEMETRY_MALFORMED',
      `cannot decompress a ${request.compression} body of ${body.length} bytes: ${messageOf(error)}`,
    );
  }
}

function tooLarge(bytesMax: number): AppError {
  return new AppError(
    'BODY_TOO_LARGE',
    `the request is larger than ${bytesMax} bytes after decompression: send smaller batches, or raise pipeline.requestBytesMax`,
  );
}
