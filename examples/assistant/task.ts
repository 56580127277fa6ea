/** A task as agents hand it to each other: A2A's JSON-RPC, over HTTP and through NATS alike. */
export interface TaskRequest {
  readonly jsonrpc: '2.0';
  readonly id: string;
  readonly method: 'tasks/send';
  readonly params: {
    readonly id: string;
    /** The conversation that the task belongs to. */
    readonly sessionId: string;
    readonly message: { readonly role: 'user'; readonly parts: readonly TextPart[] };
  };
}

interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

export interface TaskResponse {
  readonly jsonrpc: '2.0';
  readonly id: string | null;
  readonly result?: {
    readonly id: string;
    readonly status: { readonly state: 'completed' };
    readonly artifacts: readonly { readonly parts: readonly TextPart[] }[];
  };
  readonly error?: { readonly code: number; readonly message: string };
}

export function taskRequest(id: string, sessionId: string, text: string): TaskRequest {
  const message = { role: 'user', parts: [{ type: 'text', text }] } as const;
  return { jsonrpc: '2.0', id, method: 'tasks/send', params: { id, sessionId, message } };
}

export const textOf = (parts: readonly TextPart[]): string =>
  parts.map(({ text }) => text).join('\n');

/** The text of an answer. Throws what the agent says went wrong. */
export function answerOf({ error, result }: TaskResponse): string {
  if (result === undefined) throw new Error(error?.message ?? 'the agent answered nothing');
  return result.artifacts.map(({ parts }) => textOf(parts)).join('\n');
}
