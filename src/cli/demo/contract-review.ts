import type { Random } from './random.ts';
import { KIND, recordRun, SEVERITY } from './run.ts';
import type { Recorder, Run } from './run.ts';

const CLAUSES: readonly [string, ...string[]] = [
  'limitation of liability',
  'termination for convenience',
  'assignment without consent',
  'data processing on behalf of the customer',
];

function retrieve(recorder: Recorder, clause: string): void {
  recorder.span(
    'VectorIndexRetriever.retrieve',
    {
      attributes: {
        'openinference.span.kind': 'RETRIEVER',
        'input.value': clause,
        'retrieval.documents.0.document.id': 'msa-2025.pdf#12',
        'retrieval.documents.0.document.score': 0.83,
        'retrieval.documents.0.document.content': `Section 12: ${clause}.`,
        'retrieval.documents.1.document.id': 'playbook.md#3',
        'retrieval.documents.1.document.score': 0.71,
        'retrieval.documents.1.document.content': `What we accept on ${clause}.`,
      },
    },
    () => {
      recorder.wait(25, 140);
      recorder.log(SEVERITY.debug, `2 documents for "${clause}"`, { 'retrieval.top_score': 0.83 });
    },
  );
}

/** A model call as OpenInference writes it: flattened messages and `llm.token_count.*`. */
function llm(recorder: Recorder, question: string, answer: string): void {
  const { random } = recorder;
  const cached = random.pick([0, 1536, 3072]);
  const inputTokens = cached + random.between(900, 3800);
  const outputTokens = random.between(150, 700);
  const reasoning = random.between(0, 120);
  const durationMs = 700 + outputTokens * random.between(9, 16);
  recorder.span(
    'OpenAI.chat',
    {
      kind: KIND.client,
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.system': 'openai',
        'llm.provider': 'openai',
        'llm.model_name': 'gpt-4.1',
        'llm.invocation_parameters': JSON.stringify({ temperature: 0 }),
        'llm.input_messages.0.message.role': 'user',
        'llm.input_messages.0.message.content': question,
        'llm.output_messages.0.message.role': 'assistant',
        'llm.output_messages.0.message.content': answer,
        'llm.token_count.prompt': inputTokens,
        'llm.token_count.completion': outputTokens + reasoning,
        'llm.token_count.total': inputTokens + outputTokens + reasoning,
        'llm.token_count.prompt_details.cache_read': cached,
        'llm.token_count.completion_details.reasoning': reasoning,
      },
    },
    () => recorder.wait(durationMs, durationMs),
  );
}

/** A reviewer of contracts over a document index, as OpenInference reports it. */
export function contractReviewRun(random: Random): Run {
  const clause = random.pick(CLAUSES);
  const matter = random.between(100, 130);
  const origin = {
    resource: {
      'service.name': 'contract-reviewer',
      'openinference.project.name': 'contracts',
      'telemetry.sdk.language': 'python',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '1.44.0',
    },
    scope: { name: 'openinference.instrumentation.llama_index', version: '4.3.5' },
  };
  return recordRun(random, origin, (recorder) => {
    const attributes = {
      'openinference.span.kind': 'AGENT',
      'agent.name': 'contract-reviewer',
      'session.id': `matter-${matter}`,
      'user.id': `lawyer-${random.between(1, 6)}`,
      'input.value': `Review the clause on ${clause}.`,
      'output.value': `The clause on ${clause} departs from our playbook in one point.`,
    };
    recorder.span('FunctionAgent.run', { attributes }, () => {
      retrieve(recorder, clause);
      llm(recorder, `Does this clause on ${clause} follow the playbook?`, 'I compare it.');
      const missing = random.chance(0.1);
      recorder.span(
        'FunctionTool.acall',
        {
          attributes: {
            'openinference.span.kind': 'TOOL',
            'tool.name': 'compare_with_playbook',
            'tool.parameters': JSON.stringify({ clause }),
            'output.value': missing ? undefined : JSON.stringify({ departures: 1 }),
          },
        },
        () => {
          recorder.wait(60, 300);
          if (!missing) {
            recorder.log(
              SEVERITY.info,
              { clause, departures: 1, playbook: 'playbook.md' },
              {},
              'clause.compared',
            );
            return undefined;
          }
          const message = `the playbook has no entry for "${clause}"`;
          recorder.event('exception', {
            'exception.type': 'KeyError',
            'exception.message': message,
          });
          return message;
        },
      );
      llm(recorder, `Summarise the departures on ${clause}.`, attributes['output.value']);
    });
  });
}
