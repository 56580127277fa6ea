import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import type { GenAiView, SpanJson, SpanOrigin } from '../../test/fixtures/dialects/decode-spans.ts';
import { viewsOf } from '../../test/fixtures/dialects/decode-spans.ts';
import type { Dialect } from './dialect.ts';
import { DIALECTS } from './dialects.ts';
import { meaningsOf } from './key-roles.ts';

const FOLDER = path.join(import.meta.dirname, '../../test/fixtures/dialects');

interface Fixture {
  readonly dialect: string;
  readonly requests: readonly (SpanOrigin & {
    /** `view` has only what differs from a view that says nothing. */
    readonly spans: readonly (SpanJson & { readonly view: Partial<GenAiView> })[];
  })[];
}

const NOTHING: GenAiView = {
  agent: '',
  operation: '',
  requestModel: '',
  responseModel: '',
  provider: '',
  framework: '',
  dialect: '',
  toolName: '',
  toolCallId: '',
  conversation: '',
  user: '',
  errorType: '',
  finishReasons: '',
  serviceTier: '',
  inputTokens: null,
  outputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  cacheWrite1hTokens: null,
  reasoningTokens: null,
  reportedCost: null,
  runRoot: false,
  modelCall: false,
  aggregate: false,
  tokensEstimated: false,
  tokensInvalid: false,
};

const fixtures = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Fixture);

function fixtureOf(dialect: Dialect): Fixture {
  return fixtures.find(({ dialect: id }) => id === dialect.id) ?? { dialect: '', requests: [] };
}

const cases = fixtures.flatMap(({ dialect, requests }) =>
  requests.flatMap((request, at) =>
    request.spans.map((span, index) => ({
      title: `${dialect}: ${request.scope?.name ?? 'no scope'} › ${span.name} (${at + 1}.${index + 1})`,
      request,
      span,
    })),
  ),
);

describe('the view of every span of every fixture', () => {
  test.each(cases)('$title', ({ request, span }) => {
    expect(viewsOf([span], request)).toEqual([{ ...NOTHING, ...span.view }]);
  });
});

/** All views of a fixture as these dialects read it. */
function readWith(dialects: readonly Dialect[], fixture: Fixture): GenAiView[] {
  return fixture.requests.flatMap((request) => viewsOf(request.spans, request, dialects));
}

/** The dialect without one of its keys' meanings, or without one path of a meaning that is JSON. */
function withoutEach(dialect: Dialect): { title: string; rest: Dialect }[] {
  return Object.entries(dialect.attributes).flatMap(([key, value]) => {
    const meanings = meaningsOf(value);
    return meanings.flatMap((meaning, at) => {
      const others = meanings.filter((_, index) => index !== at);
      const replaced = (title: string, by: typeof meanings): { title: string; rest: Dialect } => ({
        title,
        rest: { ...dialect, attributes: { ...dialect.attributes, [key]: by } },
      });
      if (!('json' in meaning)) return [replaced(`${key} → ${meaning.field}`, others)];
      return Object.keys(meaning.json).map((gone) => {
        const { [gone]: _, ...json } = meaning.json;
        return replaced(`${key} ${gone}`, [...others, { ...meaning, json }]);
      });
    });
  });
}

describe.each(DIALECTS)('$id', (dialect) => {
  const fixture = fixtureOf(dialect);
  const views = readWith(DIALECTS, fixture);
  const changes = (rest: Dialect): boolean => {
    const changed = DIALECTS.map((other) => (other === dialect ? rest : other));
    return JSON.stringify(readWith(changed, fixture)) !== JSON.stringify(views);
  };

  test('has a fixture in which it is spoken', () => {
    const speaks = Object.keys(dialect.attributes).length > 0 && dialect.fingerprints === undefined;
    expect(views.some(({ dialect: id }) => id === dialect.id) || speaks).toBe(true);
  });

  test('gives no meaning to a key without which all views are the same', () => {
    const idle = withoutEach(dialect).filter(({ rest }) => !changes(rest));
    expect(idle.map(({ title }) => title)).toEqual([]);
  });

  test('has no rule for span names without which all views are the same', () => {
    const rules = dialect.spanNames ?? [];
    const idle = rules.filter(
      (rule) => !changes({ ...dialect, spanNames: rules.filter((other) => other !== rule) }),
    );
    expect(idle.map(({ pattern }) => String(pattern))).toEqual([]);
  });
});

test('every fixture is of a dialect that there is, and of one alone', () => {
  expect(fixtures.map(({ dialect }) => dialect).sort()).toEqual(
    DIALECTS.map(({ id }) => id).sort(),
  );
});
