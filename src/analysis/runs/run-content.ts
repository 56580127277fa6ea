import { hash as digestOf } from 'node:crypto';

import { BoundedMap } from '../../base/bounded-map.ts';
import { GENAI_FLAG } from '../../model/genai-columns.ts';
import { joinPayloads, payloadHashesOf } from '../../model/payload-text.ts';
import type { RunContent, RunToolCall } from '../../model/run.ts';
import { inputText, outputText, systemText } from '../../semconv/message-text.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import type { FoundRun } from './find-runs.ts';
import { attributeFor, eventMessages, indexedMessages } from './span-content.ts';
import type { SpanNode } from './span-tree.ts';

/** Longer texts are cut: what looks at them looks at all runs. */
export const CONTENT_CHARACTERS_MAX = 64 * 1024;
/** Of a conversation of many parts, those at the beginning and at the end are looked up. */
const FIRST_PARTS = 2;
const LAST_PARTS = 8;

/** A text as it is stored, with references to payloads that are still to be looked up. */
export interface StoredContent {
  readonly spanId: string;
  readonly stored: string;
  readonly hashes: readonly string[];
}

/** Where a run's texts are. */
export interface RunTexts {
  readonly input: StoredContent | undefined;
  readonly output: StoredContent | undefined;
  /** By the order of the run's tool calls. */
  readonly tools: readonly {
    readonly given: StoredContent | undefined;
    readonly result: StoredContent | undefined;
  }[];
}

export type PayloadTexts = (hash: string) => string | undefined;

export function textsOf(run: FoundRun): RunTexts {
  const { root, modelCalls, nodes, toolCalls } = run;
  const rootSpan = root?.span;
  const firstCall = modelCalls[0]?.span;
  const lastCall = (modelCalls.findLast(({ span }) => span.statusCode !== 2) ?? modelCalls.at(-1))
    ?.span;
  return {
    input: saidBy(rootSpan, 'input') ?? saidBy(firstCall, 'input') ?? saidBeside(nodes, 'input'),
    output:
      saidBy(rootSpan, 'output') ??
      saidBy(lastCall, 'output') ??
      saidBeside(nodes.toReversed(), 'output'),
    tools: toolCalls.map(({ span }) => ({
      given: stored(span, attributeFor(span, 'toolArguments') ?? attributeFor(span, 'input')),
      result: stored(span, attributeFor(span, 'toolResult') ?? attributeFor(span, 'output')),
    })),
  };
}

/** The references in all of a run's texts. */
export function hashesIn({ input, output, tools }: RunTexts): string[] {
  const all = [input, output, ...tools.flatMap(({ given, result }) => [given, result])];
  return all.flatMap((content) => content?.hashes ?? []);
}

export function resolveContent(
  content: StoredContent | undefined,
  role: 'input' | 'output',
  payloads: PayloadTexts,
): RunContent | null {
  if (content === undefined) return null;
  const whole = resolve(content, payloads);
  const text = role === 'input' ? inputText(whole) : outputText(whole);
  const truncated = text.length > CONTENT_CHARACTERS_MAX;
  return { spanId: content.spanId, text: text.slice(0, CONTENT_CHARACTERS_MAX), truncated };
}

export function resolveTools(
  run: FoundRun,
  { tools }: RunTexts,
  failed: (span: RunSpan) => boolean,
  payloads: PayloadTexts,
): RunToolCall[] {
  const textOf = (content: StoredContent | undefined): string | null =>
    content === undefined ? null : resolve(content, payloads).slice(0, CONTENT_CHARACTERS_MAX);
  return run.toolCalls.map(({ span }, index) => ({
    spanId: span.spanId,
    name: span.toolName,
    callId: span.toolCallId,
    startNs: span.startNs,
    durationNs: span.durationNs > 0n ? span.durationNs : 0n,
    failed: failed(span),
    errorType: failed(span) ? span.errorType : '',
    argumentsText: textOf(tools[index]!.given),
    resultText: textOf(tools[index]!.result),
  }));
}

/** What a run shows of how its agent is configured. */
export interface AgentConfiguration {
  readonly framework: string;
  readonly model: string;
  readonly tools: string;
  readonly prompt: StoredContent | undefined;
}

/**
 * The configuration as the run's first calls declare it. Tools that were called are no part of it, nor models that
 * answered: they differ from run to run of one agent.
 */
export function configurationOf(run: FoundRun, framework: string): AgentConfiguration {
  const nodes = [...(run.root === undefined ? [] : [run.root]), ...run.modelCalls];
  const first = <T>(of: (node: SpanNode) => T | undefined): T | undefined => {
    for (const node of nodes) {
      const found = of(node);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    framework,
    model: run.modelCalls[0]?.span.requestModel || run.modelCalls[0]?.span.responseModel || '',
    tools: first(({ span }) => attributeFor(span, 'toolDefinitions')) ?? '',
    prompt:
      first(({ span }) => stored(span, attributeFor(span, 'systemPrompt'))) ??
      saidBy(run.modelCalls[0]?.span, 'input'),
  };
}

/** 16 hex digits; '' when nothing is known. Numbers in the prompt (dates, ids) do not make another agent. */
export function agentVersionOf(configuration: AgentConfiguration, payloads: PayloadTexts): string {
  const { framework, model, tools, prompt } = configuration;
  const whole = prompt === undefined ? '' : resolve(prompt, payloads);
  const instructions = prompt === undefined ? '' : instructionsIn(whole);
  const parts = [framework, model, tools, instructions.replaceAll(CHANGING, '#')];
  if (parts.every((part) => part === '')) return '';
  const text = JSON.stringify(parts);
  const known = VERSIONS.get(text);
  if (known !== undefined) return known;
  const version = digestOf('sha256', text).slice(0, 16);
  if (text.length <= KNOWN_CHARACTERS_MAX) VERSIONS.set(text, version);
  return version;
}

/** Most runs are of an agent and a version that had runs a moment ago. */
const VERSIONS = new BoundedMap<string, string>(1_000);
const KNOWN_CHARACTERS_MAX = 4_096;

const CHANGING = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d+/g;

/** Of a conversation the system's message alone; a conversation without one has no instructions. */
function instructionsIn(text: string): string {
  if (/"role"|"type"\s*:\s*"(?:system|human)|SystemMessage/.test(text)) return systemText(text);
  return /^\s*[[{]/.test(text) ? text : '';
}

/** Of two accounts of a call, the one that counts may be that of a client that tells no texts. */
function saidBeside(
  nodes: readonly SpanNode[],
  role: 'input' | 'output',
): StoredContent | undefined {
  for (const { span } of nodes) {
    if ((span.flags & GENAI_FLAG.modelCall) === 0) continue;
    const said = saidBy(span, role);
    if (said !== undefined) return said;
  }
  return undefined;
}

function saidBy(span: RunSpan | undefined, role: 'input' | 'output'): StoredContent | undefined {
  if (span === undefined) return undefined;
  return stored(
    span,
    attributeFor(span, role) ?? indexedMessages(span, role) ?? eventMessages(span, role),
  );
}

function stored(span: RunSpan, text: string | undefined): StoredContent | undefined {
  if (text === undefined) return undefined;
  const hashes = payloadHashesOf(text);
  const wanted =
    hashes.length <= FIRST_PARTS + LAST_PARTS
      ? hashes
      : [...hashes.slice(0, FIRST_PARTS), ...hashes.slice(-LAST_PARTS)];
  return { spanId: span.spanId, stored: text, hashes: wanted };
}

/** Parts that were not looked up become `null`, which leaves JSON what it is. */
function resolve({ stored: text, hashes }: StoredContent, payloads: PayloadTexts): string {
  if (hashes.length === 0) return text;
  return joinPayloads(text, (hash) => (hashes.includes(hash) ? payloads(hash) : 'null'));
}
