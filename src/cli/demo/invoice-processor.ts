import type { Random } from './random.ts';
import { KIND, recordRun, SEVERITY } from './run.ts';
import type { Run } from './run.ts';

const SUPPLIERS: readonly [string, ...string[]] = [
  'Nordlicht Papier',
  'Brandt & Sons',
  'Atelier Roux',
];

const RESOURCE = {
  'telemetry.sdk.language': 'python',
  'telemetry.sdk.name': 'opentelemetry',
  'telemetry.sdk.version': '1.44.0',
};

/** An agent of one's own that names itself on the span, with LangChain's token names. */
export function invoiceProcessorRun(random: Random): Run {
  const supplier = random.pick(SUPPLIERS);
  const origin = {
    resource: { 'service.name': 'invoice-processor', ...RESOURCE },
    scope: { name: 'my-agent', version: '' },
  };
  return recordRun(random, origin, (recorder) => {
    const attributes = { 'service.name': 'invoice-processor', 'invoice.supplier': supplier };
    recorder.span('agent.run', { attributes }, () => {
      const promptTokens = random.between(500, 2600);
      const completionTokens = random.between(60, 300);
      recorder.wait(10, 40);
      recorder.span(
        'langchain.chain',
        {
          kind: KIND.client,
          attributes: {
            'llm.model_name': 'gpt-4o',
            'llm.usage.prompt_tokens': promptTokens,
            'llm.usage.completion_tokens': completionTokens,
          },
        },
        () => recorder.wait(900, 3800),
      );
      if (!random.chance(0.08)) {
        recorder.log(SEVERITY.info, `invoice from ${supplier} booked`, {
          'invoice.supplier': supplier,
        });
        return undefined;
      }
      const message = `the lines of the invoice from ${supplier} do not add up to its total`;
      recorder.event('exception', { 'exception.type': 'ValueError', 'exception.message': message });
      recorder.log(SEVERITY.error, message);
      return message;
    });
  });
}

/** A summariser that sends one span per run, with everything on it. */
export function nightlySummarizerRun(random: Random): Run {
  const origin = {
    resource: { 'service.name': 'nightly-summarizer', ...RESOURCE },
    scope: { name: 'my-agent', version: '' },
  };
  return recordRun(random, origin, (recorder) => {
    recorder.span(
      'agent.run',
      {
        attributes: {
          'agent.name': 'nightly-summarizer',
          'gen_ai.system': 'anthropic',
          'gen_ai.request.model': 'claude-haiku-4-5',
          'gen_ai.usage.input_tokens': random.between(800, 9000),
          'gen_ai.usage.output_tokens': random.between(200, 900),
        },
      },
      () => {
        recorder.log(SEVERITY.info, 'summarising what came in since yesterday');
        recorder.wait(1200, 6000);
        recorder.log(SEVERITY.info, 'summary written to reports/daily.md');
      },
    );
  });
}
