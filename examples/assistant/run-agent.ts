import { withAgent, withTool } from '@signalbox/sdk';
import { instrumentOpenAI } from '@signalbox/sdk/openai';
import OpenAI from 'openai';

import { messageOf, required } from './environment.ts';

export interface Tool {
  readonly description: string;
  /** A JSON schema. */
  readonly parameters: Readonly<Record<string, unknown>>;
  run(input: Readonly<Record<string, string>>): Promise<string>;
}

export interface AgentTurn {
  readonly name: string;
  readonly instructions: string;
  readonly tools: Readonly<Record<string, Tool>>;
  readonly question: string;
  readonly conversationId: string;
}

interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: string;
}

type Message = OpenAI.ChatCompletionMessageParam;

const STEPS_MAX = 10;

const client = instrumentOpenAI(
  new OpenAI({
    baseURL: required('MODEL_BASE_URL'),
    apiKey: process.env['MODEL_API_KEY'] ?? 'stand-in',
  }),
);

/** Asks the model, runs the tools that it calls, and asks again, until it answers in words. */
export function runAgent(turn: AgentTurn): Promise<string> {
  const { conversationId, instructions, name, question, tools } = turn;
  return withAgent({ name, conversationId, provider: 'openai' }, async () => {
    const messages: Message[] = [
      { role: 'system', content: instructions },
      { role: 'user', content: question },
    ];
    for (let step = 0; step < STEPS_MAX; step++) {
      const { calls, text } = await complete(messages, tools);
      if (calls.length === 0) return text;
      messages.push({
        role: 'assistant',
        content: text,
        tool_calls: calls.map(({ id, input, name: tool }) => ({
          id,
          type: 'function',
          function: { name: tool, arguments: input },
        })),
      });
      messages.push(...(await Promise.all(calls.map((call) => runTool(call, tools)))));
    }
    throw new Error(`no answer after ${STEPS_MAX} steps`);
  });
}

/** One model call, streamed. */
async function complete(
  messages: readonly Message[],
  tools: AgentTurn['tools'],
): Promise<{ text: string; calls: ToolCall[] }> {
  const stream = await client.chat.completions.create({
    model: required('MODEL_NAME'),
    messages: [...messages],
    tools: Object.entries(tools).map(([name, { description, parameters }]) => ({
      type: 'function',
      function: { name, description, parameters },
    })),
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  const calls: { id: string; name: string; input: string }[] = [];
  for await (const { choices } of stream) {
    const delta = choices[0]?.delta;
    text += delta?.content ?? '';
    for (const { function: called, id, index } of delta?.tool_calls ?? []) {
      const call = (calls[index] ??= { id: '', name: '', input: '' });
      call.id += id ?? '';
      call.name += called?.name ?? '';
      call.input += called?.arguments ?? '';
    }
  }
  return { text, calls };
}

/** A tool that fails tells the model so; the span tells everybody else. */
async function runTool({ id, input, name }: ToolCall, tools: AgentTurn['tools']): Promise<Message> {
  const tool = tools[name];
  const content = await withTool({ name, callId: id, arguments: input }, async () => {
    if (tool === undefined) throw new Error(`there is no tool ${name}`);
    return await tool.run(JSON.parse(input) as Record<string, string>);
  }).catch((error: unknown) => `failed: ${messageOf(error)}`);
  return { role: 'tool', tool_call_id: id, content };
}
