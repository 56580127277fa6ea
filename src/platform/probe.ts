import type { Probe } from './local-plan.ts';

const PROBE_TIMEOUT_MS = 2_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** Whether a process says that it is ready. Never throws. */
export async function isReady(probe: Probe): Promise<boolean> {
  if (probe.kind === 'process') return true;
  try {
    if (probe.kind === 'http') {
      const answer = await ask(probe.url);
      await answer.body?.cancel();
      return answer.status === 200;
    }
    const answer = await ask(`${probe.monitorUrl}/subsz?subs=1&limit=1024&test=${probe.subject}`);
    return listensTo(await textOf(answer), probe.subject);
  } catch {
    return false;
  }
}

/** A trace that nobody records, so that questions for readiness are not among a process's traces. */
export const UNRECORDED = `00-${'1'.repeat(32)}-${'1'.repeat(16)}-00`;

async function ask(url: string): Promise<Response> {
  return await fetch(url, {
    headers: { traceparent: UNRECORDED },
    redirect: 'manual',
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  });
}

async function textOf(answer: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > ANSWER_BYTES_MAX) break;
  }
  return text;
}

/** The monitor's list of subscriptions that a subject reaches (https://docs.nats.io/running-a-nats-service/nats_admin/monitoring). */
function listensTo(answer: string, subject: string): boolean {
  const { subscriptions_list: list = [] } = JSON.parse(answer) as {
    subscriptions_list?: readonly { readonly subject?: string }[];
  };
  return list.some((subscription) => subscription.subject === subject);
}
