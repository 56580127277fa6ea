import { z } from 'zod';

import { AppError } from '../../errors.ts';

/** The value as the schema has it; throws `VALIDATION_ERROR` with each fault and its place. */
export function checked<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) =>
    [...issue.path.map(String), issue.message].join(': '),
  );
  throw new AppError('VALIDATION_ERROR', `${what} is not valid: ${faults.join('; ')}`);
}

export const numberOf = (byDefault: number, max: number) =>
  z.coerce.number().int().min(0).max(max).default(byDefault);

/** A time as ISO 8601, or as milliseconds since 1970 UTC; milliseconds within. */
export const time = z
  .union([z.iso.datetime({ offset: true }), z.string().regex(/^\d{1,14}$/)], {
    error: 'write a time such as 2026-11-20T12:00:00Z, or milliseconds since 1970',
  })
  .transform((value) => (/^\d+$/.test(value) ? Number(value) : Date.parse(value)));
