import type { Attributes } from '../model/outgoing-telemetry.ts';
import { SPAN_KIND } from '../model/outgoing-telemetry.ts';
import { normalizeProvider } from '../semconv/provider.ts';
import { asText, numberIn, objectIn, textIn } from './session-event.ts';
import type { SessionEvent } from './session-event.ts';
import type { SessionSummary } from './session-summary.ts';
import type { JsonObject } from '../base/verifier.ts';

/**
 * The names that a session's spans carry: `otlp` and `otlp-genai` as agent-strace writes them, for dashboards that know
 * those, and `latest` as OpenTelemetry's GenAI conventions have them today (v1.41).
 */
export const SPAN_STYLES = ['otlp', 'otlp-genai', 'latest'] as const;
export type SpanStyleName = (typeof SPAN_STYLES)[number];

export interface SpanHead {
  readonly name: string;
  readonly kind: number;
  readonly attributes: Attributes;
}

export interface ToolUse {
  readonly tool: string;
  readonly callId: string;
  readonly input: JsonObject;
  readonly output: string;
  readonly failure: { readonly type: string; readonly message: string } | undefined;
}

export interface RootFacts {
  readonly sessionId: string;
  readonly agent: string;
  readonly command: string;
  readonly depth: number;
  readonly summary: SessionSummary;
  /** The first prompts and the last answer, as far as they are short. */
  readonly prompts: readonly string[];
  readonly answer: string;
}

export interface SpanStyle {
  root(facts: RootFacts): SpanHead;
  tool(use: ToolUse): SpanHead;
  /** Undefined where model calls are events of the root. */
  model(
    request: SessionEvent | undefined,
    response: SessionEvent | undefined,
  ): SpanHead | undefined;
  /** What an event of a session is called on the root; undefined where it is left out. */
  rootEvent(
    event: SessionEvent,
  ): { readonly name: string; readonly attributes: Attributes } | undefined;
  /** Of the exception event of a failed tool call. */
  exception(failure: { readonly type: string; readonly message: string }): Attributes;
}

const cut = (text: string, max: number): string => (text.length > max ? text.slice(0, max) : text);

const INPUTS_MAX = 64;
const INPUT_MAX = 200;
const OUTPUT_MAX = 500;
const MESSAGE_MAX = 1000;
const CONTENT_MAX = 32 * 1024;

const systemOf = (model: string): string | undefined =>
  model === '' ? undefined : normalizeProvider('', model) || undefined;

function inputs(prefix: string, input: JsonObject): Attributes {
  const attributes: Record<string, string> = {};
  for (const key of Object.keys(input).slice(0, INPUTS_MAX)) {
    const value = cut(asText(input[key]), INPUT_MAX);
    // Assigned, it would be no property.
    if (prefix + key === '__proto__')
      Object.defineProperty(attributes, key, { value, enumerable: true });
    else attributes[prefix + key] = value;
  }
  return attributes;
}

const rootCounts = ({ summary }: RootFacts): Attributes => ({
  'agent.tool_calls': summary.toolCalls,
  'agent.llm_requests': summary.modelCalls,
  'agent.errors': summary.errors,
});

function fileEvent(event: SessionEvent): { name: string; attributes: Attributes } {
  return { name: event.type, attributes: { path: textIn(event.data, 'path') } };
}

const usage = (data: JsonObject): Attributes => ({
  'gen_ai.usage.input_tokens': numberIn(data, 'input_tokens'),
  'gen_ai.usage.output_tokens': numberIn(data, 'output_tokens'),
});

/** What all styles add, in the words of the conventions, so that no cached token is charged as a fresh one. */
const cachedUsage = (data: JsonObject): Attributes => ({
  'gen_ai.usage.cache_read.input_tokens': numberIn(data, 'cache_read_tokens'),
  'gen_ai.usage.cache_creation.input_tokens': numberIn(data, 'cache_write_tokens'),
  'gen_ai.usage.reasoning.output_tokens': numberIn(data, 'reasoning_tokens'),
});

const modelOf = (request: SessionEvent | undefined, response: SessionEvent | undefined): string =>
  textIn(response?.data ?? {}, 'model') || textIn(request?.data ?? {}, 'model');

const finishReasons = (data: JsonObject): readonly string[] | undefined =>
  textIn(data, 'stop_reason') === '' ? undefined : [textIn(data, 'stop_reason')];

const otlp: SpanStyle = {
  root: (facts) => ({
    name: `agent-session (${facts.agent})`,
    kind: SPAN_KIND.internal,
    attributes: {
      'agent.name': facts.agent,
      'agent.command': facts.command,
      'agent.session_id': facts.sessionId,
      ...rootCounts(facts),
      'agent.depth': facts.depth,
      'gen_ai.system': systemOf(facts.summary.models[0] ?? ''),
      'gen_ai.operation.name': 'agent.session',
    },
  }),
  tool: ({ tool, callId, input, output, failure }) =>
    failure === undefined
      ? {
          name: `tool/${tool}`,
          kind: SPAN_KIND.client,
          attributes: {
            'gen_ai.tool.name': tool,
            'gen_ai.operation.name': 'tool.call',
            'gen_ai.tool.call.id': callId,
            ...inputs('tool.input.', input),
            'tool.output': output === '' ? undefined : cut(output, OUTPUT_MAX),
          },
        }
      : {
          name: tool,
          kind: SPAN_KIND.internal,
          attributes: {
            'tool.name': tool,
            'error.message': cut(failure.message, MESSAGE_MAX),
            ...inputs('tool.input.', input),
          },
        },
  model: () => undefined,
  rootEvent: (event) => {
    const { data } = event;
    switch (event.type) {
      case 'user_prompt':
        return {
          name: 'user_prompt',
          attributes: { prompt: cut(textIn(data, 'prompt'), CONTENT_MAX) },
        };
      case 'assistant_response':
        return {
          name: 'assistant_response',
          attributes: { text: cut(textIn(data, 'text'), OUTPUT_MAX) },
        };
      case 'decision':
        return { name: 'decision', attributes: inputs('', data) };
      case 'llm_request':
        return {
          name: 'gen_ai.system.message',
          attributes: { 'gen_ai.request.model': textIn(data, 'model') },
        };
      case 'llm_response':
        return {
          name: 'gen_ai.assistant.message',
          attributes: {
            'gen_ai.response.model': textIn(data, 'model'),
            ...usage(data),
            ...cachedUsage(data),
          },
        };
      case 'file_read':
      case 'file_write':
        return fileEvent(event);
      default:
        return undefined;
    }
  },
  exception: ({ message }) => ({ 'exception.message': message }),
};

const otlpGenAi: SpanStyle = {
  root: (facts) => ({
    name: `gen_ai.agent.session (${facts.agent})`,
    kind: SPAN_KIND.internal,
    attributes: {
      'gen_ai.agent.id': facts.sessionId,
      'gen_ai.agent.name': facts.agent,
      'gen_ai.system': systemOf(facts.summary.models[0] ?? ''),
      'gen_ai.operation.name': 'agent.session',
      'agent.session_id': facts.sessionId,
      ...rootCounts(facts),
    },
  }),
  tool: ({ tool, callId, input, output }) => ({
    name: `gen_ai.tool.call/${tool}`,
    kind: SPAN_KIND.client,
    attributes: {
      'gen_ai.tool.name': tool,
      'gen_ai.operation.name': 'execute',
      'gen_ai.tool.call.id': callId,
      ...inputs('gen_ai.tool.input.', input),
      'gen_ai.tool.output': output === '' ? undefined : cut(output, OUTPUT_MAX),
    },
  }),
  model: (request, response) => {
    const data = response?.data ?? {};
    const model = modelOf(request, response);
    return {
      name: 'gen_ai.client.operation',
      kind: SPAN_KIND.client,
      attributes: {
        'gen_ai.system': systemOf(model),
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': model,
        'gen_ai.request.max_tokens': numberIn(request?.data ?? {}, 'max_tokens'),
        ...usage(data),
        ...cachedUsage(data),
        'gen_ai.response.finish_reasons': finishReasons(data),
      },
    };
  },
  rootEvent: (event) => {
    const { data } = event;
    switch (event.type) {
      case 'user_prompt':
        return {
          name: 'gen_ai.user.message',
          attributes: { 'gen_ai.prompt': cut(textIn(data, 'prompt'), MESSAGE_MAX) },
        };
      case 'assistant_response':
        return {
          name: 'gen_ai.assistant.message',
          attributes: { 'gen_ai.completion': cut(textIn(data, 'text'), MESSAGE_MAX) },
        };
      case 'file_read':
      case 'file_write':
        return fileEvent(event);
      default:
        return undefined;
    }
  },
  exception: ({ type, message }) => ({
    'exception.type': type,
    'exception.message': message,
    'exception.escaped': false,
  }),
};

const message = (role: string, content: string): object => ({
  role,
  parts: [{ type: 'text', content }],
});

const latest: SpanStyle = {
  root: (facts) => ({
    name: `invoke_agent ${facts.agent}`,
    kind: SPAN_KIND.internal,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': systemOf(facts.summary.models[0] ?? ''),
      'gen_ai.agent.name': facts.agent,
      'gen_ai.conversation.id': facts.sessionId,
      'gen_ai.input.messages':
        facts.prompts.length === 0
          ? undefined
          : JSON.stringify(facts.prompts.map((prompt) => message('user', prompt))),
      'gen_ai.output.messages':
        facts.answer === '' ? undefined : JSON.stringify([message('assistant', facts.answer)]),
      ...rootCounts(facts),
    },
  }),
  tool: ({ tool, callId, input, output, failure }) => ({
    name: `execute_tool ${tool}`,
    kind: SPAN_KIND.internal,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      'gen_ai.tool.call.id': callId,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.arguments': cut(JSON.stringify(input), CONTENT_MAX),
      'gen_ai.tool.call.result': output === '' ? undefined : cut(output, CONTENT_MAX),
      'error.type': failure?.type,
    },
  }),
  model: (request, response) => {
    const data = response?.data ?? {};
    const model = modelOf(request, response);
    return {
      name: model === '' ? 'chat' : `chat ${model}`,
      kind: SPAN_KIND.client,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': systemOf(model),
        'gen_ai.request.model': model === '' ? undefined : model,
        'gen_ai.request.max_tokens': numberIn(request?.data ?? {}, 'max_tokens'),
        'gen_ai.response.id': textIn(data, 'response_id') || undefined,
        'gen_ai.response.model': textIn(data, 'model') || undefined,
        'gen_ai.response.finish_reasons': finishReasons(data),
        ...usage(data),
        ...cachedUsage(data),
      },
    };
  },
  rootEvent: (event) => {
    switch (event.type) {
      case 'file_read':
      case 'file_write':
        return fileEvent(event);
      case 'decision':
        return {
          name: 'decision',
          attributes: inputs('decision.', objectIn({ data: event.data }, 'data')),
        };
      default:
        return undefined;
    }
  },
  exception: ({ type, message: text }) => ({ 'exception.type': type, 'exception.message': text }),
};

export const SPAN_STYLE: Readonly<Record<SpanStyleName, SpanStyle>> = {
  otlp,
  'otlp-genai': otlpGenAi,
  latest,
};
