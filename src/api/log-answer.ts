import { z } from 'zod';

import { SEVERITY_LEVELS } from '../model/severity.ts';
import type { LogDetail, LogRecord } from '../query/log-query.ts';
import { anyValue, attributes, resourceAnswer, scopeAnswer } from './span-answer.ts';

/** A log record in the field names of OTLP/JSON, with what this server adds. */

export const levelAnswer = z
  .enum(SEVERITY_LEVELS)
  .describe('The range of the severity number; by the severity text where no number was told.');

const shape = {
  id: z.string().describe('Of this server; the same as long as the record is stored.'),
  timeUnixNano: z
    .string()
    .describe("The record's time; where it has none, the observed one; else that of its receipt."),
  observedTimeUnixNano: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  flags: z.int(),
  severityNumber: z.int(),
  severityText: z.string(),
  level: levelAnswer,
  eventName: z.string(),
  body: anyValue,
  attributes,
  droppedAttributesCount: z.int(),
  service: z.string().nullable(),
  agent: z.string().nullable(),
  scopeName: z.string().nullable(),
  truncated: z
    .boolean()
    .describe('Values of more than 4 KiB are cut; the record by its id has them whole.'),
};

const EXAMPLE: LogRecord = {
  id: '1795176000250000000-41-7',
  timeUnixNano: '1795176000250000000',
  observedTimeUnixNano: '1795176000250100000',
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  flags: 1,
  severityNumber: 13,
  severityText: 'WARN',
  level: 'warn',
  eventName: '',
  body: { stringValue: 'the vendor list is 3 days old' },
  attributes: [{ key: 'vendors.age_days', value: { intValue: '3' } }],
  droppedAttributesCount: 0,
  service: 'invoice-processor',
  agent: 'invoice-processor',
  scopeName: 'invoices',
  truncated: false,
};

export const logAnswer = z
  .object(shape)
  .meta({ id: 'LogRecord', examples: [EXAMPLE] }) satisfies z.ZodType<LogRecord>;

export const logDetailAnswer = z
  .object({
    ...shape,
    receivedMs: z.int().describe('Milliseconds since 1970 UTC, in whole seconds.'),
    resource: resourceAnswer,
    scope: scopeAnswer,
  })
  .meta({ id: 'LogDetail' }) satisfies z.ZodType<LogDetail>;
