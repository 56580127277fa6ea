import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { agent, chat, runSpan, tool } from '../../../test/harness/run-span.ts';
import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import { findRunsIn } from './find-runs.ts';

const { told, modelCall, runRoot, aggregate } = GENAI_FLAG;

const prompt = (id: string, startMs: number, parentSpanId = ''): RunSpan =>
  runSpan(id, {
    parentSpanId,
    operation: 'invoke_agent',
    conversation: 'c',
    flags: told | runRoot | aggregate,
    startMs,
    durationMs: 0,
  });

const request = (id: string, parent: string, startMs: number, inputTokens = 100): RunSpan =>
  chat(id, parent, {
    conversation: 'c',
    flags: told | modelCall,
    startMs,
    inputTokens,
    scopeName: 'events',
  });

const result = (id: string, parent: string, toolCallId: string): RunSpan =>
  tool(id, parent, 'sh', { conversation: 'c', flags: told, toolCallId, scopeName: 'events' });

const outline = (...spans: RunSpan[]): string[] =>
  findRunsIn(spans)
    .map(({ runId, told: isTold, followed, nodes, modelCalls, toolCalls }) => {
      const calls = [...modelCalls, ...toolCalls].map(({ span }) => span.spanId).toSorted();
      const kind = isTold ? (followed ? 'told, over' : 'told') : 'spans';
      return `${runId} (${kind}, ${nodes.length}): ${calls.join(' ')}`;
    })
    .toSorted();

describe('runs that log records tell of', () => {
  test('go from a prompt to the next of the conversation, and the last goes on', () => {
    expect(
      outline(
        request('early', 'lost', 0, 1),
        prompt('p1', 100),
        request('r1', 'lost', 150, 2),
        result('t1', 'lost', 'x'),
        prompt('p2', 200),
        request('r2', 'lost', 250, 3),
      ),
    ).toEqual(['lost (told, over, 2): early t1', 'p1 (told, over, 2): r1', 'p2 (told, 2): r2']);
  });

  test('are one where no prompt is told of, though their spans were never sent', () => {
    expect(outline(request('r1', 'a', 0, 1), request('r2', 'b', 5, 2))).toEqual([
      'a (told, 2): r1 r2',
    ]);
  });

  test('are none while a prompt is all that is told', () => {
    expect(outline(prompt('p1', 0))).toEqual([]);
  });

  test('are part of the run whose spans tell of the same calls, and count there once', () => {
    const spans = [
      agent('root', '', 'svc'),
      chat('call', 'root', { startMs: 1 }),
      tool('run', 'root', 'sh', { toolCallId: 'x' }),
    ];
    const records = [
      prompt('p', 0, 'root'),
      request('r', 'root', 2),
      request('r only', 'root', 3, 7),
      result('t', 'root', 'x'),
    ];
    expect(outline(...spans, ...records)).toEqual(['root (spans, 4): call r only run']);
  });

  test('wait with the spans for a parent that is still to come', () => {
    expect(
      outline(chat('call', 'root', {}), prompt('p', 0, 'root'), request('r', 'root', 3, 7)),
    ).toEqual(['root (spans, 2): call r']);
  });

  test('are the same in whatever order the records come', () => {
    const spans = [
      prompt('p1', 100),
      request('r1', 'lost', 150, 2),
      result('t1', 'lost', 'x'),
      prompt('p2', 200),
      request('r2', 'lost', 250, 3),
      request('r3', 'else', 90, 4),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(spans, { minLength: spans.length }), (shuffled) => {
        expect(outline(...shuffled)).toEqual(outline(...spans));
      }),
    );
  });
});
