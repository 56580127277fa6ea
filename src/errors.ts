/**
 * The error catalogue: every failure that Signalbox reports, in one place.
 * Doors map an entry to their wire once: HTTP status, gRPC status, exit code.
 */
interface ErrorEntry {
  /** A sentence for the person; `AppError.message` adds the particulars. */
  readonly sentence: string;
  readonly http: number;
  /** gRPC status code (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
  readonly grpc: number;
  /** Process exit code: 1 = found wrong, 2 = cannot tell or bad use. */
  readonly exit: 1 | 2;
  /** Whether sending the same request again, later, can succeed. */
  readonly retryable: boolean;
}

const entry = (
  sentence: string,
  http: number,
  grpc: number,
  rest: { exit?: 1 | 2; retryable?: boolean } = {},
): ErrorEntry => ({
  sentence,
  http,
  grpc,
  exit: rest.exit ?? 2,
  retryable: rest.retryable ?? false,
});

export const ERRORS = {
  VALIDATION_ERROR: entry('The request is not valid.', 400, 3),
  TELEMETRY_MALFORMED: entry('The telemetry cannot be decoded.', 400, 3),
  ENCODING_UNSUPPORTED: entry('The content encoding is not supported.', 400, 3),
  UNAUTHORIZED: entry('Credentials are missing or wrong.', 401, 16),
  FORBIDDEN: entry('The credentials do not allow this.', 403, 7),
  NOT_FOUND: entry('There is no such thing.', 404, 5),
  METHOD_NOT_ALLOWED: entry('The method is not allowed here.', 405, 12),
  REQUEST_TIMEOUT: entry('The request took too long to arrive.', 408, 4, { retryable: true }),
  CONFLICT: entry('The request conflicts with the present state.', 409, 9),
  TRANSITION_ILLEGAL: entry('The agent cannot go from its present status to that one.', 409, 9),
  BODY_TOO_LARGE: entry('The request is larger than the limit.', 413, 8),
  MEDIA_TYPE_UNSUPPORTED: entry('The content type is not supported.', 415, 3),
  RATE_LIMITED: entry('Too many requests.', 429, 8, { retryable: true }),
  OVERLOADED: entry('The server has more work than it may hold in memory.', 429, 8, {
    retryable: true,
  }),
  INTERNAL_ERROR: entry('Something went wrong inside Signalbox.', 500, 13),
  STORAGE_FULL: entry('The disk is full; telemetry is refused until there is room.', 503, 14, {
    retryable: true,
  }),
  STORAGE_UNAVAILABLE: entry('The storage engine does not answer.', 503, 14, { retryable: true }),
  BACKLOG_FULL: entry(
    'Storing has fallen behind; telemetry is refused until it catches up.',
    503,
    14,
    {
      retryable: true,
    },
  ),
  TELEMETRY_UNSTORABLE: entry('The storage engine refuses the telemetry.', 500, 13),
  SHUTTING_DOWN: entry('The server is shutting down.', 503, 14, { retryable: true }),
  SCHEMA_MISMATCH: entry('The stored data was written by another version.', 500, 9),
  POLICY_INVALID: entry('The policy is not valid.', 400, 3),
  QUERY_FAILED: entry('The query cannot be answered.', 422, 3),
  QUERY_TIMEOUT: entry('The query took too long.', 503, 4),
  CALL_DENIED: entry('The policy does not allow this call.', 403, 7),
  APPROVAL_TIMEOUT: entry('Nobody decided about the call in time, so it is denied.', 408, 4),
  UPSTREAM_FAILED: entry('The tool behind the gateway failed.', 502, 14),
  GATEWAY_UNREACHABLE: entry('The gateway that holds the call is not connected.', 503, 14, {
    retryable: true,
  }),
  CONFIG_INVALID: entry('The configuration is not valid.', 500, 3),
  ADDRESS_IN_USE: entry('The address is already in use.', 500, 9),
  DATA_DIRECTORY_LOCKED: entry('Another process uses this data directory.', 500, 9),
  SERVER_UNREACHABLE: entry('The Signalbox server cannot be reached.', 503, 14, {
    retryable: true,
  }),
  PLATFORM_INVALID: entry('The declaration of the platform is not valid.', 500, 3),
  PLATFORM_RUNNING: entry('The platform is up already.', 409, 9),
  PLATFORM_START_FAILED: entry('A process of the platform does not start.', 500, 9, { exit: 1 }),
  PLATFORM_STATE_UNREADABLE: entry(
    'What a running platform says of itself cannot be read.',
    500,
    9,
  ),
  PROGRAM_MISSING: entry('A program that is needed is not on this machine.', 500, 9),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** For retryable codes: when the client may try again. */
  readonly retryAfterSeconds?: number;
}

/** An expected failure with a code of the catalogue and a message that names the value and the remedy. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail?: string, options: AppErrorOptions = {}) {
    super(detail ?? ERRORS[code].sentence, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds ?? (ERRORS[code].retryable ? 1 : undefined);
  }

  get http(): number {
    return ERRORS[this.code].http;
  }

  get grpc(): number {
    return ERRORS[this.code].grpc;
  }

  get exit(): 1 | 2 {
    return ERRORS[this.code].exit;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
