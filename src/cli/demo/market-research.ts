import type { Random } from './random.ts';
import { KIND, recordRun, SEVERITY } from './run.ts';
import type { Recorder, Run } from './run.ts';

const TOPICS: readonly [string, ...string[]] = [
  'heat pumps in terraced houses',
  'electric cargo bikes for couriers',
  'reusable packaging in grocery delivery',
  'solar roofs on warehouses',
];

interface Completion {
  readonly prompt: string;
  readonly answer: string;
  readonly tool?: string;
}

/** A model call as OpenLLMetry writes it: numbered prompts and completions, the older token names. */
function complete(recorder: Recorder, call: Completion): void {
  const { random } = recorder;
  const inputTokens = random.between(600, 4200);
  const outputTokens = random.between(120, 800);
  const durationMs = 500 + outputTokens * random.between(5, 9);
  recorder.span(
    'openai.chat',
    {
      kind: KIND.client,
      attributes: {
        'llm.request.type': 'chat',
        'gen_ai.system': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'traceloop.workflow.name': 'market-researcher',
        'gen_ai.prompt.0.role': 'user',
        'gen_ai.prompt.0.content': call.prompt,
      },
      results: () => ({
        'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
        'gen_ai.usage.prompt_tokens': inputTokens,
        'gen_ai.usage.completion_tokens': outputTokens,
        'gen_ai.usage.cache_read_input_tokens': random.pick([0, 0, 256]),
        'llm.usage.total_tokens': inputTokens + outputTokens,
        'gen_ai.completion.0.role': 'assistant',
        'gen_ai.completion.0.content': call.answer,
        'gen_ai.completion.0.finish_reason': call.tool ? 'tool_calls' : 'stop',
        'gen_ai.completion.0.tool_calls.0.name': call.tool,
      }),
    },
    () => recorder.wait(durationMs, durationMs),
  );
  recorder.modelCall(
    { operation: 'chat', provider: 'openai', model: 'gpt-4o-mini', inputTokens, outputTokens },
    durationMs,
  );
}

function search(recorder: Recorder, query: string): void {
  const failed = recorder.random.chance(0.15);
  recorder.span(
    'web_search.tool',
    {
      attributes: {
        'traceloop.span.kind': 'tool',
        'traceloop.entity.name': 'web_search',
        'traceloop.workflow.name': 'market-researcher',
        'traceloop.entity.input': JSON.stringify({ query }),
        'traceloop.entity.output': failed ? undefined : JSON.stringify({ hits: 10 }),
      },
    },
    () => {
      recorder.wait(300, 1900);
      if (!failed) {
        recorder.log(SEVERITY.info, `web_search: 10 hits for "${query}"`);
        return undefined;
      }
      recorder.log(SEVERITY.warn, `web_search: 502 Bad Gateway for "${query}"`, {
        'http.response.status_code': 502,
        'server.address': 'search.example.com',
      });
      recorder.event('exception', {
        'exception.type': 'HTTPError',
        'exception.message': '502 Bad Gateway',
      });
      return '502 Bad Gateway';
    },
  );
}

function member(recorder: Recorder, role: string, body: () => void): void {
  recorder.span(
    `${role}.agent`,
    {
      attributes: {
        'traceloop.span.kind': 'agent',
        'traceloop.entity.name': role,
        'traceloop.workflow.name': 'market-researcher',
        'traceloop.entity.path': `market-researcher.${role}`,
      },
    },
    body,
  );
}

/** A crew of two agents under one workflow, as OpenLLMetry reports it. */
export function marketResearchRun(random: Random): Run {
  const topic = random.pick(TOPICS);
  const origin = {
    resource: {
      'service.name': 'market-researcher',
      'service.version': '0.9.0',
      'deployment.environment.name': 'staging',
      'telemetry.sdk.language': 'python',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '1.39.0',
    },
    scope: { name: 'opentelemetry.instrumentation.openai.v1', version: '0.47.3' },
  };
  return recordRun(random, origin, (recorder) => {
    const attributes = {
      'traceloop.span.kind': 'workflow',
      'traceloop.entity.name': 'market-researcher',
      'traceloop.workflow.name': 'market-researcher',
      'traceloop.association.properties.user_id': `analyst-${random.between(1, 5)}`,
      'traceloop.entity.input': JSON.stringify({ topic }),
    };
    recorder.span('market-researcher.workflow', { attributes }, () => {
      member(recorder, 'web-scout', () => {
        const prompt = `Find five figures about ${topic}.`;
        complete(recorder, { prompt, answer: 'I search for them.', tool: 'web_search' });
        const searches = Array.from(
          { length: random.between(2, 4) },
          (_, index) => () => search(recorder, `${topic} ${2022 + index}`),
        );
        recorder.together(searches);
        complete(recorder, { prompt, answer: `Here are five figures about ${topic}.` });
      });
      member(recorder, 'report-writer', () => {
        const prompt = `Write half a page about ${topic} from these figures.`;
        complete(recorder, { prompt, answer: `Demand for ${topic} grew for the third year.` });
      });
    });
  });
}
