import { z } from 'zod';

import { AppError, ERRORS, type ErrorCode } from '../errors.ts';

/** The shapes that answers and questions of all resources have in common. */

export const errorAnswer = z
  .object({
    success: z.literal(false),
    /** What is wrong and what to do about it. */
    error: z.string(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  })
  .meta({ id: 'Error' });

export function answerOf<T extends z.ZodType>(data: T) {
  return z.object({ success: z.literal(true), data });
}

export function numberedPageOf<T extends z.ZodType>(row: T) {
  return z.object({
    success: z.literal(true),
    data: z.array(row),
    meta: z.object({ total: z.int(), page: z.int(), limit: z.int() }),
  });
}

const cursorMeta = z.object({ limit: z.int(), next_cursor: z.string().nullable() });

export function cursorPageOf<T extends z.ZodType>(data: T) {
  return z.object({ success: z.literal(true), data, meta: cursorMeta });
}

export const success = <T>(data: T) => ({ success: true as const, data });

/** Text that every store can hold. */
export function text(charactersMax: number) {
  return z
    .string()
    .max(charactersMax)
    .refine((value) => !value.includes('\0'), 'must not contain the character NUL');
}

export function nonEmptyText(charactersMax: number) {
  return text(charactersMax).refine((value) => value.trim() !== '', 'must not be empty');
}

export const idParams = z.strictObject({ id: z.string().regex(/^[\w-]{1,64}$/) });

export function limitOf(byDefault: number, max: number) {
  return z.coerce.number().int().min(1).max(max).default(byDefault);
}

export const cursor = z.string().regex(/^[\w-]{1,1024}$/);

/** A time as ISO 8601 with its offset, or as milliseconds since 1970 UTC; milliseconds within. */
export const time = z
  .union([z.iso.datetime({ offset: true }), z.string().regex(/^\d{1,14}$/)], {
    error: 'write a time such as 2026-11-20T12:00:00Z, or milliseconds since 1970',
  })
  .transform((value) => (/^\d+$/.test(value) ? Number(value) : Date.parse(value)));

/** For `refine`: two ends of a range, either of which may be absent, the wrong way round. */
export const inOrder = <T extends number | bigint>(low: T | undefined, high: T | undefined) =>
  low === undefined || high === undefined || low <= high;

export const FROM_AFTER_TO = { path: ['from'], error: 'must not be later than to' };

export const isoTime = (ms: number): string => new Date(ms).toISOString();

export const isoTimeOrNull = (ms: number | null | undefined): string | null =>
  ms === null || ms === undefined ? null : isoTime(ms);

export const hexId = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`), `must be ${digits} hexadecimal digits`)
    .transform((id) => id.toLowerCase());

/** A value, or the parameter again for others that will do as well. */
export const oneOf = <T extends z.ZodType<string>>(value: T) =>
  z.union([value, z.array(value).max(VALUES_MAX)]).optional();

const VALUES_MAX = 50;

/** A trace to filter by; clients know both names. */
export const traceShape = { trace: hexId(32).optional(), trace_id: hexId(32).optional() };

/** Throws `VALIDATION_ERROR` when the names are given different traces. */
export function traceOf(query: {
  readonly trace?: string | undefined;
  readonly trace_id?: string | undefined;
}): string | undefined {
  const { trace, trace_id: id } = query;
  if (trace === undefined || id === undefined || trace === id) return trace ?? id;
  throw new AppError(
    'VALIDATION_ERROR',
    `trace is ${trace} and trace_id is ${id}; send one of them, or the same in both`,
  );
}

const DAY_MS = 86_400_000;

/** The time that is asked about: the last day before its end where no beginning is named, until now where no end is. */
export function lastDayOf(
  query: { readonly from?: number | undefined; readonly to?: number | undefined },
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const toMs = query.to ?? nowMs;
  return { fromMs: query.from ?? toMs - DAY_MS, toMs };
}
