import type { Random } from './random.ts';
import { recordRun, SEVERITY } from './run.ts';
import type { Attributes } from '../../model/outgoing-telemetry.ts';
import type { Recorder, Run } from './run.ts';

const TRIPS: readonly [string, ...string[]] = [
  'a long weekend in Lisbon in March',
  'five days by train through Slovenia',
  'a walking week in the Lake District',
];

const MODEL = 'gemini-2.5-flash';

const common: Attributes = {
  'ai.model.id': MODEL,
  'ai.model.provider': 'google.generative-ai',
  'ai.telemetry.functionId': 'trip-planner',
  'resource.name': 'trip-planner',
};

interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
}

function usageAttributes(usage: Usage): Attributes {
  return {
    'ai.usage.inputTokens': usage.inputTokens,
    'ai.usage.outputTokens': usage.outputTokens,
    'ai.usage.cachedInputTokens': usage.cachedInputTokens,
    'ai.usage.totalTokens': usage.inputTokens + usage.outputTokens,
  };
}

function step(recorder: Recorder, finish: 'stop' | 'tool-calls', text: string): Usage {
  const { random } = recorder;
  const cachedInputTokens = random.pick([0, 512]);
  const usage = {
    cachedInputTokens,
    inputTokens: cachedInputTokens + random.between(300, 1500),
    outputTokens: random.between(80, 420),
  };
  recorder.span(
    'ai.streamText.doStream',
    {
      attributes: {
        ...common,
        'ai.operationId': 'ai.streamText.doStream',
        'operation.name': 'ai.streamText.doStream trip-planner',
        'gen_ai.system': 'google.generative-ai',
        'gen_ai.request.model': MODEL,
        'gen_ai.response.model': MODEL,
        'gen_ai.response.finish_reasons': [finish],
        'gen_ai.usage.input_tokens': usage.inputTokens,
        'gen_ai.usage.output_tokens': usage.outputTokens,
        'ai.response.finishReason': finish,
        'ai.response.text': text,
        'ai.response.msToFirstChunk': random.between(180, 700),
        ...usageAttributes(usage),
      },
    },
    () => {
      recorder.wait(180, 700);
      recorder.event('ai.stream.firstChunk', {});
      recorder.wait(usage.outputTokens * 4, usage.outputTokens * 8);
    },
  );
  return usage;
}

function bookingTool(recorder: Recorder, name: string): void {
  const soldOut = recorder.random.chance(0.1);
  recorder.span(
    'ai.toolCall',
    {
      attributes: {
        ...common,
        'ai.operationId': 'ai.toolCall',
        'operation.name': 'ai.toolCall trip-planner',
        'ai.toolCall.name': name,
        'ai.toolCall.id': `tool_${recorder.random.hex(5)}`,
        'ai.toolCall.args': JSON.stringify({ travellers: 2 }),
        'ai.toolCall.result': soldOut ? undefined : JSON.stringify({ offers: 6 }),
      },
    },
    () => {
      recorder.wait(120, 1400);
      if (!soldOut) {
        recorder.log(SEVERITY.info, `${name}: 6 offers`, { 'trip.travellers': 2 });
        return undefined;
      }
      recorder.log(SEVERITY.warn, `${name}: nothing left on these dates`);
      return 'nothing left on these dates';
    },
  );
}

/** A travel assistant on the Vercel AI SDK, whose outer span repeats what its steps used. */
export function tripPlannerRun(random: Random): Run {
  const trip = random.pick(TRIPS);
  const origin = {
    resource: {
      'service.name': 'trip-planner',
      'service.version': '2026.11.2',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '2.12.1',
    },
    scope: { name: 'ai', version: '6.0.0' },
  };
  return recordRun(random, origin, (recorder) => {
    const usages: Usage[] = [];
    const sum = (field: keyof Usage): number =>
      usages.reduce((total, one) => total + one[field], 0);
    recorder.span(
      'ai.streamText',
      {
        attributes: {
          ...common,
          'ai.operationId': 'ai.streamText',
          'operation.name': 'ai.streamText trip-planner',
          'ai.telemetry.metadata.userId': `traveller-${random.between(1, 20)}`,
          'ai.telemetry.metadata.sessionId': `chat-${random.between(1, 30)}`,
          'ai.prompt': JSON.stringify({ prompt: `Plan ${trip}.` }),
        },
        results: () => ({
          'ai.response.text': `Here is a plan for ${trip}.`,
          ...usageAttributes({
            inputTokens: sum('inputTokens'),
            outputTokens: sum('outputTokens'),
            cachedInputTokens: sum('cachedInputTokens'),
          }),
        }),
      },
      () => {
        usages.push(step(recorder, 'tool-calls', ''));
        recorder.together([
          () => bookingTool(recorder, 'find_trains'),
          () => bookingTool(recorder, 'find_rooms'),
        ]);
        usages.push(step(recorder, 'stop', `Here is a plan for ${trip}.`));
      },
    );
  });
}
