import { describe, expect, test } from 'vitest';

import { GENAI_FLAG } from '../model/genai-columns.ts';
import type { Dialect } from './dialect.ts';
import { DIALECTS } from './dialects.ts';
import { RUN_ROOT_NAMES } from './run-root.ts';
import type { NatureInput, SpanNature } from './span-nature.ts';
import { natureOf } from './span-nature.ts';

const SILENT: NatureInput = {
  operation: '',
  kind: '',
  spanName: 'work',
  hasTool: false,
  hasModel: false,
  hasTokens: false,
};

function nature(
  input: Partial<NatureInput>,
  dialect = -1,
  dialects: readonly Dialect[] = DIALECTS,
  runRootNames = RUN_ROOT_NAMES,
): SpanNature {
  return natureOf({ ...SILENT, ...input }, dialect, { dialects, runRootNames });
}

function flagsOf({ flags }: SpanNature): string[] {
  return Object.entries(GENAI_FLAG)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name);
}

const plain: Dialect = { id: 'plain', attributes: {}, kinds: { llm: 'chat', step: 'chain' } };

describe('what a span is', () => {
  test('is said by its operation, then its kind, then its name, then by what it has', () => {
    const all = {
      operation: 'embeddings',
      kind: 'tool',
      spanName: 'invoke_agent x',
      hasModel: true,
    };
    const said = [
      all,
      { ...all, operation: '' },
      { ...all, operation: '', kind: '' },
      { hasModel: true, hasTokens: true },
      { hasModel: true },
      { hasTool: true },
      { hasTool: true, hasTokens: true, hasModel: true },
      {},
    ].map((input) => nature(input).operation);
    expect(said).toEqual([
      'embeddings',
      'execute_tool',
      'invoke_agent',
      'chat',
      'chat',
      'execute_tool',
      'chat',
      '',
    ]);
  });

  test('is said in words of any case, and by no word that only looks like one', () => {
    const words = ['CHAT', 'Invoke_Agent', 'constructor', '__proto__', 'thinking'];
    expect(words.map((operation) => nature({ operation }).operation)).toEqual([
      'chat',
      'invoke_agent',
      '',
      '',
      '',
    ]);
  });

  test('is said by the kind where the dialect’s operations are not to be believed', () => {
    const input = { operation: 'chat', kind: 'step' };
    const kindFirst: Dialect = { ...plain, kindFirst: true };
    expect(nature(input, 0, [plain, ...DIALECTS]).operation).toBe('chat');
    expect(nature(input, 0, [kindFirst, ...DIALECTS]).operation).toBe('chain');
  });

  test('is said by the dialect’s own word where another has the word too', () => {
    const other: Dialect = { ...plain, id: 'other', kinds: { llm: 'text_completion' } };
    expect(nature({ kind: 'llm' }, 0, [plain, other]).operation).toBe('chat');
    expect(nature({ kind: 'llm' }, 1, [plain, other]).operation).toBe('text_completion');
  });

  test('is said by a name rule on spans of its dialect, or anywhere if it says so', () => {
    const rules: Dialect = {
      ...plain,
      spanNames: [
        { pattern: /^own (.+)$/, operation: 'execute_tool', toolGroup: 1 },
        { pattern: /^any (.+)$/, operation: 'chat', modelGroup: 1, anywhere: true },
        { pattern: /^sure$/, operation: 'chain', overrules: true },
      ],
    };
    const brief = (input: Partial<NatureInput>, dialect: number): string[] => {
      const { operation, tool, model } = nature(input, dialect, [rules]);
      return [operation, tool, model];
    };
    expect([
      brief({ spanName: 'own x' }, 0),
      brief({ spanName: 'own x' }, -1),
      brief({ spanName: 'any y' }, -1),
      brief({ spanName: 'sure', kind: 'llm' }, 0),
    ]).toEqual([
      ['execute_tool', 'x', ''],
      ['', '', ''],
      ['chat', '', 'y'],
      ['chain', '', ''],
    ]);
  });
});

describe('flags', () => {
  test.each([
    ['chat', ['modelCall']],
    ['generate_content', ['modelCall']],
    ['text_completion', ['modelCall']],
    ['embeddings', ['modelCall']],
    ['rerank', ['modelCall']],
    ['invoke_agent', ['runRoot', 'aggregate']],
    ['invoke_workflow', ['runRoot', 'aggregate']],
    ['chain', ['aggregate']],
    ['create_agent', []],
    ['execute_tool', []],
    ['retrieval', []],
    ['plan', []],
  ])('of %s are %j', (operation, flags) => {
    expect(flagsOf(nature({ operation }))).toEqual(flags);
  });

  test('say that usage on what is no model call repeats other usage, but for a tool', () => {
    const flags = ['', 'plan', 'execute_tool', 'chat'].map((operation) =>
      flagsOf(nature({ operation, hasTokens: true })),
    );
    expect(flags).toEqual([['aggregate'], ['aggregate'], [], ['modelCall']]);
  });

  test('say that a span repeats usage where its dialect says so of its name', () => {
    const outer: Dialect = { ...plain, aggregates: [/^outer/] };
    expect(flagsOf(nature({ kind: 'llm', spanName: 'outer call' }, 0, [outer]))).toEqual([
      'aggregate',
    ]);
    expect(flagsOf(nature({ kind: 'llm', spanName: 'inner call' }, 0, [outer]))).toEqual([
      'modelCall',
    ]);
  });

  test('say that a run begins where a known or the user’s own name is part of the span’s', () => {
    expect(flagsOf(nature({ spanName: 'my.openai.chat.v1' }))).toEqual(['runRoot', 'modelCall']);
    expect(flagsOf(nature({ spanName: 'nightly job 4' }, -1, DIALECTS, ['nightly']))).toEqual([
      'runRoot',
    ]);
  });

  test('say that counts are guesses where the dialect’s are', () => {
    expect(flagsOf(nature({}, 0, [{ ...plain, estimated: true }]))).toEqual(['tokensEstimated']);
  });
});
