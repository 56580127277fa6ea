/**
 * Stands in for a model behind OpenAI's chat completions, streamed. It calls the tools that it is given one after the
 * other, for each combination of the values that the question names, and then tells what it found. It counts four
 * letters as a token, and what it was sent before as cached.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';

interface Message {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: readonly unknown[];
}

interface ToolDefinition {
  readonly function: {
    readonly name: string;
    readonly parameters: {
      readonly properties: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
    };
  };
}

interface ChatRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolDefinition[];
}

const LETTERS_A_TOKEN = 4;
/** Prompts are cached in steps of this many tokens. */
const CACHE_STEP = 64;
const CACHED_PREFIXES_MAX = 10_000;
const ANSWER_LENGTH_MAX = 2_000;
const seen = new Set<string>();

const tokensOf = (text: string): number => Math.ceil(text.length / LETTERS_A_TOKEN);

/** How many tokens of a prompt were at the beginning of one before; remembers this one. */
function cachedTokens(prompt: string): number {
  let cached = 0;
  for (let end = CACHE_STEP; end <= tokensOf(prompt); end += CACHE_STEP) {
    const prefix = createHash('sha256')
      .update(prompt.slice(0, end * LETTERS_A_TOKEN))
      .digest('base64');
    if (seen.has(prefix)) cached = end;
    else if (seen.size < CACHED_PREFIXES_MAX) seen.add(prefix);
  }
  return cached;
}

/** Every combination of those values of the tool's parameters that the question names. */
function inputsFor({ function: { parameters } }: ToolDefinition, question: string): string[] {
  let inputs: Record<string, string>[] = [{}];
  for (const [name, { enum: values = [] }] of Object.entries(parameters.properties)) {
    const named = values.filter((value) => question.includes(value));
    inputs = inputs.flatMap((input) => named.map((value) => ({ ...input, [name]: value })));
  }
  return inputs.map((input) => JSON.stringify(input));
}

type Answer =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'calls'; readonly name: string; readonly inputs: readonly string[] };

function answerTo({ messages, tools = [] }: ChatRequest): Answer {
  const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const rounds = messages.filter(({ tool_calls: calls }) => calls !== undefined).length;
  const tool = tools[rounds];
  if (tool !== undefined) {
    return { kind: 'calls', name: tool.function.name, inputs: inputsFor(tool, question) };
  }
  const found = messages.filter(({ role }) => role === 'tool').map(({ content }) => content ?? '');
  const text = found.length === 0 ? 'I know nothing about that.' : `${found.join('; ')}.`;
  return { kind: 'text', text: text.slice(0, ANSWER_LENGTH_MAX) };
}

function chunksOf(answer: Answer, id: string): unknown[] {
  if (answer.kind === 'text') {
    const pieces = answer.text.match(/.{1,80}/gs) ?? [''];
    return [
      ...pieces.map((content) => ({ delta: { content }, finish_reason: null })),
      { delta: {}, finish_reason: 'stop' },
    ];
  }
  const calls = answer.inputs.map((input, index) => ({
    delta: {
      tool_calls: [
        {
          index,
          id: `call_${id}_${index}`,
          type: 'function',
          function: { name: answer.name, arguments: input },
        },
      ],
    },
    finish_reason: null,
  }));
  return [...calls, { delta: {}, finish_reason: 'tool_calls' }];
}

function stream(request: ChatRequest, response: ServerResponse): void {
  const prompt = JSON.stringify([request.tools, request.messages]);
  const answer = answerTo(request);
  const id = createHash('sha256').update(prompt).digest('hex').slice(0, 12);
  const common = { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', model: request.model };
  const created = Math.floor(Date.now() / 1_000);
  const send = (rest: object): void => {
    response.write(`data: ${JSON.stringify({ ...common, created, ...rest })}\n\n`);
  };
  const [prompted, cached] = [tokensOf(prompt), cachedTokens(prompt)];
  const completed = tokensOf(JSON.stringify(answer));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const choice of chunksOf(answer, id))
    send({ choices: [{ index: 0, ...(choice as object) }] });
  send({
    choices: [],
    usage: {
      prompt_tokens: prompted,
      completion_tokens: completed,
      total_tokens: prompted + completed,
      prompt_tokens_details: { cached_tokens: cached },
    },
  });
  response.end('data: [DONE]\n\n');
}

const BODY_LENGTH_MAX = 4_000_000;

createServer((request, response) => {
  if (request.url === '/health') {
    response.end('ok');
    return;
  }
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
    if (body.length > BODY_LENGTH_MAX) request.destroy();
  });
  request.on('end', () => {
    try {
      stream(JSON.parse(body) as ChatRequest, response);
    } catch (error) {
      response.writeHead(400).end(JSON.stringify({ error: { message: String(error) } }));
    }
  });
}).listen(Number(process.env['PORT']), process.env['HOST']);
