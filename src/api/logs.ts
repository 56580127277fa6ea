import { z } from 'zod';

import { AppError } from '../errors.ts';
import { SEVERITY_LEVELS } from '../model/severity.ts';
import type { LogFilter } from '../query/log-query.ts';
import {
  answerOf,
  cursor,
  cursorPageOf,
  FROM_AFTER_TO,
  hexId,
  inOrder,
  limitOf,
  nonEmptyText,
  success,
  text,
  time,
  traceOf,
  traceShape,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { logAnswer, logDetailAnswer } from './log-answer.ts';
import { principalOf } from './route-access.ts';
import { traceParams } from './traces.ts';

const ATTRIBUTES_MAX = 10;

const attribute = text(4_096)
  .regex(/^[^=~]+[=~]/, 'must be key=value, key!=value or key~part')
  .describe('`key=value`, `key!=value` or `key~part`; repeat the parameter for several.');

const several = <T extends z.ZodType>(item: T, most: number) =>
  z.union([item, z.array(item).max(most)]);

const logId = z.string().regex(/^[\d-]{1,64}$/, 'must be the id of a log record');

/** What log records are searched by. */
export const logFilterShape = {
  from: time.optional(),
  to: time.optional(),
  level: several(z.enum(SEVERITY_LEVELS), SEVERITY_LEVELS.length)
    .optional()
    .describe('Repeat the parameter for several.'),
  min_severity: z.coerce
    .number()
    .int()
    .min(1)
    .max(24)
    .optional()
    .describe('The least severity number; 17 is ERROR.'),
  severity_text: nonEmptyText(64).optional(),
  service: nonEmptyText(256).optional(),
  agent: nonEmptyText(256).optional(),
  event: nonEmptyText(256)
    .optional()
    .describe('The name of an event; one that ends with `*` stands for all that begin so.'),
  ...traceShape,
  span: hexId(16).optional(),
  attribute: several(attribute, ATTRIBUTES_MAX).optional(),
  text: nonEmptyText(256)
    .optional()
    .describe('Words, each somewhere in the body or the event name, and "phrases in quotes".'),
};

type FilterQuery = z.output<z.ZodObject<typeof logFilterShape>>;

/** Refuses ranges the wrong way round. */
export function isRightWay<T extends z.ZodType<FilterQuery>>(query: T): T {
  return query.refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO);
}

const findQuery = isRightWay(
  z.strictObject({
    ...logFilterShape,
    order: z.enum(['newest', 'oldest']).default('newest'),
    around: logId
      .optional()
      .describe('The record of this id and what fits just before and after it; one page.'),
    limit: limitOf(100, 1_000),
    cursor: cursor.optional(),
  }),
);

export function logRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/logs',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['logs'],
      summary: 'Finds log records; newest first unless asked otherwise.',
      description: 'All that is given must hold.',
      querystring: findQuery,
      response: { 200: cursorPageOf(z.array(logAnswer).readonly()) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { limit, cursor: after, order, around } = request.query;
      const filter = filterOf(request.query);
      if (around !== undefined) {
        const rows = await deps.logs.findAround(project, { id: around, filter, limit });
        if (rows === undefined) throw noSuchLog(around);
        return { ...success(rows), meta: { limit, next_cursor: null } };
      }
      const page = await deps.logs.findLogs(project, filter, { limit, cursor: after, order });
      return { ...success(page.rows), meta: { limit, next_cursor: page.nextCursor } };
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/logs/:id',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['logs'],
      summary: 'Answers one log record, with its resource and scope and nothing cut.',
      params: z.strictObject({ id: logId }),
      response: { 200: answerOf(logDetailAnswer) },
    },
    handler: async (request) => {
      const { id } = request.params;
      const record = await deps.logs.getLog(principalOf(request).project, id);
      if (record === undefined) throw noSuchLog(id);
      return success(record);
    },
  });

  traceLogRoutes(api, deps);
}

function traceLogRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/traces/:traceId/logs',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['logs'],
      summary: 'Answers the log records of a trace; earliest first.',
      params: traceParams,
      querystring: z.strictObject({
        span: hexId(16).optional(),
        event: logFilterShape.event,
        whole: z
          .stringbool()
          .default(false)
          .describe('Nothing is cut; a page then has fewer records where they are large.'),
        limit: limitOf(500, 1_000),
        cursor: cursor.optional(),
      }),
      response: { 200: cursorPageOf(z.array(logAnswer).readonly()) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { span: spanId, event, whole, limit, cursor: after } = request.query;
      const filter = { traceId: request.params.traceId, spanId, event };
      const options = { limit, cursor: after, order: 'oldest', whole } as const;
      const page = await deps.logs.findLogs(project, filter, options);
      return { ...success(page.rows), meta: { limit, next_cursor: page.nextCursor } };
    },
  });
}

const noSuchLog = (id: string): AppError =>
  new AppError('NOT_FOUND', `there is no log record ${id}`);

export function filterOf(query: FilterQuery): LogFilter {
  return {
    fromMs: query.from,
    toMs: query.to,
    levels: query.level === undefined ? undefined : [query.level].flat(),
    severityMin: query.min_severity,
    severityText: query.severity_text,
    service: query.service,
    agent: query.agent,
    event: query.event,
    traceId: traceOf(query),
    spanId: query.span,
    attributes: [query.attribute ?? []].flat().map(parseAttribute),
    text: query.text,
  };
}

type AttributeFilter = NonNullable<LogFilter['attributes']>[number];

const OPERATORS: Readonly<Record<string, AttributeFilter['operator']>> = {
  '=': 'equals',
  '!=': 'differs',
  '~': 'contains',
};

/** By the first operator in it. */
function parseAttribute(item: string): AttributeFilter {
  const [, key = '', sign = '=', value = ''] = /^([^=~]+?)(!=|=|~)([^]*)$/.exec(item) ?? [];
  return { key, operator: OPERATORS[sign]!, value };
}
