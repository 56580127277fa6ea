import type { Random } from './random.ts';
import { KIND, recordRun, SEVERITY } from './run.ts';
import type { Attributes } from '../../model/outgoing-telemetry.ts';
import type { Recorder, Run } from './run.ts';

interface Case {
  readonly question: string;
  readonly order: string;
  readonly answer: string;
  readonly wantsRefund: boolean;
}

const CASES: readonly [Case, ...Case[]] = [
  {
    question: 'Where is my parcel? It should have been here on Tuesday.',
    order: 'A-20817',
    answer: 'Your parcel left the depot in Leeds this morning and arrives tomorrow before noon.',
    wantsRefund: false,
  },
  {
    question: 'The kettle arrived with a cracked lid. I would like my money back, please.',
    order: 'A-20911',
    answer: 'I am sorry about the lid. 39.90 EUR go back to your card within three days.',
    wantsRefund: true,
  },
  {
    question: 'Can I still change the delivery address of my order?',
    order: 'A-21004',
    answer: 'Yes, the order is not packed yet. I have changed the address as you asked.',
    wantsRefund: false,
  },
  {
    question: 'I was charged twice for the same order.',
    order: 'A-21050',
    answer: 'You are right, the second charge of 84.00 EUR is on its way back to you.',
    wantsRefund: true,
  },
];

const MODEL = { requested: 'gpt-4o', answered: 'gpt-4o-2024-11-20', provider: 'openai' };
const SUB_MODEL = {
  requested: 'claude-sonnet-4-5',
  answered: 'claude-sonnet-4-5-20250929',
  provider: 'anthropic',
};

function messages(role: string, ...contents: readonly string[]): string {
  return JSON.stringify(contents.map((content) => ({ role, parts: [{ type: 'text', content }] })));
}

interface Chat {
  readonly model: typeof MODEL;
  readonly agent: string;
  readonly input: string;
  readonly output: string;
  readonly finish: 'stop' | 'tool_call';
  readonly conversation: string;
  /** Of the input, how many tokens came from the provider's cache and how many went into it. */
  readonly cached: number;
  readonly cacheWritten: number;
}

/** A model call as the present conventions describe it: cached tokens are part of the input. */
function chat(recorder: Recorder, call: Chat): void {
  const { model, cached, cacheWritten } = call;
  const { random } = recorder;
  const inputTokens = cached + cacheWritten + random.between(180, 900);
  const outputTokens = random.between(call.finish === 'stop' ? 60 : 18, 260);
  const durationMs = 350 + outputTokens * random.between(6, 14);
  const attributes: Attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': model.provider,
    'gen_ai.request.model': model.requested,
    'gen_ai.request.temperature': 0.2,
    'gen_ai.conversation.id': call.conversation,
    'gen_ai.agent.name': call.agent,
    'server.address': `api.${model.provider}.com`,
    'server.port': 443,
  };
  const name = `chat ${model.requested}`;
  if (random.chance(0.06)) {
    recorder.span(
      name,
      { kind: KIND.client, attributes: { ...attributes, 'error.type': 'rate_limit_exceeded' } },
      () => {
        recorder.wait(90, 240);
        return '429 Too Many Requests: slow down and try again.';
      },
    );
    recorder.log(SEVERITY.warn, `${model.provider} asked to slow down; trying again in 2 s`);
    recorder.wait(2000, 2200);
  }
  recorder.span(
    name,
    {
      kind: KIND.client,
      attributes,
      results: () => ({
        'gen_ai.response.model': model.answered,
        'gen_ai.response.id': `msg_${random.hex(9)}`,
        'gen_ai.response.finish_reasons': [call.finish],
        'gen_ai.usage.input_tokens': inputTokens,
        'gen_ai.usage.output_tokens': outputTokens,
        'gen_ai.usage.cache_read.input_tokens': cached || undefined,
        'gen_ai.usage.cache_creation.input_tokens': cacheWritten || undefined,
        'gen_ai.input.messages': call.input,
        'gen_ai.output.messages': call.output,
      }),
    },
    () => {
      recorder.log(SEVERITY.debug, `asking ${model.requested} with ${inputTokens} tokens`, {
        'server.address': `api.${model.provider}.com`,
      });
      recorder.wait(durationMs, durationMs);
      recorder.log(SEVERITY.debug, `answered 200 in ${durationMs} ms`, {
        'http.response.status_code': 200,
        'gen_ai.usage.output_tokens': outputTokens,
      });
    },
  );
  recorder.modelCall(
    {
      operation: 'chat',
      provider: model.provider,
      model: model.requested,
      inputTokens,
      outputTokens,
    },
    durationMs,
  );
}

interface Tool {
  readonly name: string;
  readonly arguments: object;
  readonly result: object;
  readonly failure?: string | undefined;
}

function tool(recorder: Recorder, call: Tool): string | void {
  const id = `call_${recorder.random.hex(6)}`;
  return recorder.span(
    `execute_tool ${call.name}`,
    {
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': call.name,
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.id': id,
        'gen_ai.tool.call.arguments': JSON.stringify(call.arguments),
        'gen_ai.tool.call.result': call.failure ? undefined : JSON.stringify(call.result),
        'error.type': call.failure ? 'TimeoutError' : undefined,
      },
    },
    () => {
      if (!call.failure) {
        recorder.wait(40, 420);
        recorder.log(SEVERITY.info, {
          tool: call.name,
          arguments: JSON.stringify(call.arguments),
          ok: true,
        });
        return undefined;
      }
      recorder.wait(3000, 3000);
      recorder.event('exception', {
        'exception.type': 'TimeoutError',
        'exception.message': call.failure,
      });
      recorder.log(SEVERITY.error, `${call.name} failed: ${call.failure}`);
      return call.failure;
    },
  );
}

function refund(recorder: Recorder, { order, answer }: Case, conversation: string): void {
  recorder.span(
    'invoke_agent refund-specialist',
    {
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': SUB_MODEL.provider,
        'gen_ai.agent.name': 'refund-specialist',
        'gen_ai.conversation.id': conversation,
      },
    },
    () => {
      const shared = { model: SUB_MODEL, agent: 'refund-specialist', conversation };
      const asked = messages('user', `Decide on a refund for order ${order}.`);
      chat(recorder, {
        ...shared,
        input: asked,
        output: messages('assistant', 'I check the refund policy first.'),
        finish: 'tool_call',
        cached: 0,
        cacheWritten: 2048,
      });
      recorder.together([
        () =>
          tool(recorder, {
            name: 'read_policy',
            arguments: { topic: 'refunds' },
            result: { days: 30 },
          }),
        () =>
          tool(recorder, {
            name: 'issue_refund',
            arguments: { order },
            result: { accepted: true },
          }),
      ]);
      chat(recorder, {
        ...shared,
        input: asked,
        output: messages('assistant', answer),
        finish: 'stop',
        cached: 2048,
        cacheWritten: 0,
      });
    },
  );
}

/** A help desk with a sub-agent, in OpenTelemetry's own GenAI conventions. */
export function supportDeskRun(random: Random): Run {
  const story = random.pick(CASES);
  const customer = random.between(1, 40);
  const conversation = `conv-${customer}-${random.between(1, 3)}`;
  const origin = {
    resource: {
      'service.name': 'support-desk',
      'service.version': '3.4.1',
      'deployment.environment.name': 'production',
      'telemetry.sdk.language': 'python',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '1.44.0',
    },
    scope: { name: 'opentelemetry.util.genai', version: '0.4b0' },
  };
  return recordRun(random, origin, (recorder) => {
    const attributes: Attributes = {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': MODEL.provider,
      'gen_ai.agent.name': 'support-desk',
      'gen_ai.agent.id': 'asst_7f3b',
      'gen_ai.conversation.id': conversation,
      'user.id': `customer-${customer}`,
    };
    recorder.span('invoke_agent support-desk', { attributes }, () => {
      recorder.log(SEVERITY.info, `question about order ${story.order}`);
      const shared = { model: MODEL, agent: 'support-desk', conversation, cacheWritten: 0 };
      const asked = messages('user', story.question);
      const looksUp = messages('assistant', `I look up order ${story.order}.`);
      chat(recorder, { ...shared, input: asked, output: looksUp, finish: 'tool_call', cached: 0 });
      const lookup = {
        name: 'lookup_order',
        arguments: { order: story.order },
        result: { state: 'shipped' },
      };
      const timeout = 'no answer from the order service in 3000 ms';
      const fails = random.chance(0.15);
      if (tool(recorder, { ...lookup, failure: fails ? timeout : undefined }) !== undefined) {
        const failsAgain = random.chance(0.3);
        const again = tool(recorder, { ...lookup, failure: failsAgain ? timeout : undefined });
        if (again !== undefined) return `order ${story.order} cannot be looked up`;
      }
      if (story.wantsRefund) refund(recorder, story, conversation);
      chat(recorder, {
        ...shared,
        input: asked,
        output: messages('assistant', story.answer),
        finish: 'stop',
        cached: random.pick([0, 512, 1024]),
      });
      recorder.log(
        SEVERITY.info,
        'relevance judged',
        {
          'gen_ai.evaluation.name': 'relevance',
          'gen_ai.evaluation.score.value': random.between(70, 99) / 100,
        },
        'gen_ai.evaluation.result',
      );
      return undefined;
    });
  });
}
