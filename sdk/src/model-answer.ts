import { readUsage, type TokenUsage } from './token-usage.ts';
import { isFields, textOf, type Fields } from './fields.ts';

/** What is known of a model's answer, or of a piece of it. */
export interface ModelAnswer {
  readonly id?: string | undefined;
  /** The model that answered, which may be another than was asked for. */
  readonly model?: string | undefined;
  readonly finishReasons?: readonly string[] | undefined;
  readonly usage?: TokenUsage | undefined;
  /** Messages of the answer, recorded only where content is. */
  readonly output?: unknown;
  /** A piece of a streamed answer's text. */
  readonly outputDelta?: string | undefined;
}

/**
 * What an answer or a chunk of one says, in the forms of OpenAI (chat, responses, completions, embeddings),
 * Anthropic and Google. Undefined when it says nothing that is known here. Never throws, whatever the answer's own
 * accessors do.
 */
export function readAnswer(value: unknown): ModelAnswer | undefined {
  try {
    return isFields(value) ? readFields(value) : undefined;
  } catch {
    return undefined;
  }
}

function readFields(value: Fields): ModelAnswer | undefined {
  // The envelope of a streamed event: OpenAI's responses carry `response`, Anthropic's start `message`.
  const inner = [value['response'], value['message']].find(isFields) ?? {};
  const answer: Record<string, unknown> = {
    id: textOf(value['id']) ?? textOf(inner['id']) ?? textOf(value['responseId']),
    model: textOf(value['model']) ?? textOf(inner['model']) ?? textOf(value['modelVersion']),
    finishReasons: finishReasons(value) ?? finishReasons(inner),
    usage:
      readUsage(value['usage']) ?? readUsage(inner['usage']) ?? readUsage(value['usageMetadata']),
    output: outputOf(value) ?? outputOf(inner),
    outputDelta: deltaOf(value),
  };
  const known = Object.entries(answer).filter(([, one]) => one !== undefined);
  return known.length === 0 ? undefined : (Object.fromEntries(known) as ModelAnswer);
}

function finishReasons(fields: Fields): readonly string[] | undefined {
  const delta = isFields(fields['delta']) ? fields['delta'] : {};
  const single = textOf(fields['stop_reason']) ?? textOf(delta['stop_reason']);
  if (single !== undefined) return [single];
  const reasons = choicesOf(fields)
    .map((choice) => textOf(choice['finish_reason']) ?? textOf(choice['finishReason']))
    .filter((reason) => reason !== undefined);
  if (reasons.length > 0) return reasons;
  return fields['object'] === 'response' ? responseEnd(fields) : undefined;
}

/** OpenAI's responses say how they ended by their status. */
function responseEnd(fields: Fields): readonly string[] | undefined {
  const details = isFields(fields['incomplete_details']) ? fields['incomplete_details'] : {};
  const status = textOf(fields['status']);
  if (status === 'completed') return ['stop'];
  return status === 'incomplete' ? [textOf(details['reason']) ?? 'incomplete'] : undefined;
}

function outputOf(fields: Fields): unknown {
  const messages = choicesOf(fields)
    .map((choice) => choice['message'] ?? choice['content'] ?? choice['text'])
    .filter((message) => message !== undefined);
  if (messages.length > 0) return messages;
  if (fields['object'] === 'response') return fields['output'];
  return fields['type'] === 'message' &&
    Array.isArray(fields['content']) &&
    fields['content'].length > 0
    ? [{ role: 'assistant', content: fields['content'] as unknown }]
    : undefined;
}

function deltaOf(fields: Fields): string | undefined {
  if (fields['type'] === 'response.output_text.delta') return textOf(fields['delta']);
  const { delta } = fields;
  if (isFields(delta)) return textOf(delta['text']);
  const pieces = choicesOf(fields)
    .map((choice) => (isFields(choice['delta']) ? textOf(choice['delta']['content']) : undefined))
    .filter((piece) => piece !== undefined);
  return pieces.length > 0 ? pieces.join('') : undefined;
}

function choicesOf(fields: Fields): readonly Fields[] {
  const choices = fields['choices'] ?? fields['candidates'];
  return Array.isArray(choices) ? choices.filter(isFields) : [];
}
