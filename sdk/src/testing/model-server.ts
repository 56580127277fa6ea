import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stand-in for the HTTP APIs of OpenAI and Anthropic, with known usage. */
export interface ModelServer {
  readonly url: string;
  /** The `traceparent` and `baggage` of each request, newest last. */
  readonly headers: readonly { readonly traceparent?: string; readonly baggage?: string }[];
  close(): Promise<void>;
}

const CHAT_USAGE = {
  prompt_tokens: 30,
  completion_tokens: 5,
  total_tokens: 35,
  prompt_tokens_details: { cached_tokens: 20 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

/** Model `limited` answers 429, `silent` never, `broken` breaks off in the middle of its stream. */
export async function startModelServer(): Promise<ModelServer> {
  const headers: { traceparent?: string; baggage?: string }[] = [];
  const server = createServer((request, response) => {
    const { traceparent, baggage } = request.headers;
    headers.push({
      ...(typeof traceparent === 'string' ? { traceparent } : {}),
      ...(typeof baggage === 'string' ? { baggage } : {}),
    });
    void readJson(request).then((body) => answer(request.url ?? '', body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    headers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Body {
  readonly model?: string;
  readonly stream?: boolean;
}

async function readJson(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Body;
}

function answer(path: string, body: Body, response: ServerResponse): void {
  if (body.model === 'silent') return;
  if (body.model === 'limited') {
    response.writeHead(429, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'slow down', type: 'rate_limit' } }));
    return;
  }
  if (body.stream === true) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = eventsOf(path, body.model ?? '').join('');
    if (body.model === 'broken') response.write(text, () => response.destroy());
    else response.end(text);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(wholeAnswer(path, body.model ?? '')));
}

function wholeAnswer(path: string, model: string): unknown {
  if (path.endsWith('/messages')) {
    return {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: `${model}-20250929`,
      content: [{ type: 'text', text: 'Paris' }],
      stop_reason: 'end_turn',
      usage: {
        input_tokens: 10,
        output_tokens: 5,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 40,
      },
    };
  }
  if (path.endsWith('/responses')) {
    return {
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      model,
      output: [
        {
          type: 'message',
          id: 'm',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Paris', annotations: [] }],
        },
      ],
      usage: {
        input_tokens: 30,
        output_tokens: 5,
        input_tokens_details: { cached_tokens: 20 },
        output_tokens_details: { reasoning_tokens: 2 },
      },
    };
  }
  if (path.endsWith('/embeddings')) {
    return {
      object: 'list',
      model,
      data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }],
      usage: { prompt_tokens: 8, total_tokens: 8 },
    };
  }
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: `${model}-2024-08-06`,
    choices: [
      { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Paris' } },
    ],
    usage: CHAT_USAGE,
  };
}

function eventsOf(path: string, model: string): string[] {
  if (path.endsWith('/messages')) {
    const events = [
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: `${model}-20250929`,
          content: [],
          usage: {
            input_tokens: 10,
            output_tokens: 1,
            cache_read_input_tokens: 100,
            cache_creation_input_tokens: 40,
          },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Paris' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
      { type: 'message_stop' },
    ];
    return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  const chunk = (fields: object): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: `${model}-2024-08-06`, ...fields })}\n\n`;
  return [
    chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'Par' } }] }),
    chunk({ choices: [{ index: 0, delta: { content: 'is' }, finish_reason: 'stop' }] }),
    ...(model === 'broken' ? [] : [chunk({ choices: [], usage: CHAT_USAGE }), 'data: [DONE]\n\n']),
  ];
}
