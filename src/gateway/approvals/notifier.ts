import { setTimeout as delay } from 'node:timers/promises';

import { messageOf } from '../../errors.ts';
import type { Approval } from '../../model/approval.ts';
import type { DecisionLinks } from './decision-link.ts';

/** Tells people of calls that wait, and agents of decisions that they asked to be told of. Nothing waits for it. */
export interface Notifier {
  pending(approval: Approval): void;
  resolved(approval: Approval): void;
  /** Whether an agent may ask to be called back there. */
  mayCallBack(url: string): boolean;
  shutdown(): Promise<void>;
}

interface NotifierOptions {
  readonly notifyUrl: string | undefined;
  readonly notifyHeaders: Readonly<Record<string, string>>;
  /** Beside this machine. */
  readonly callbackHosts: readonly string[];
  readonly links: DecisionLinks;
  readonly onProblem: (message: string) => void;
}

const TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
const RETRY_MS = 1_000;
const UNDER_WAY_MAX = 1_000;
const PARAMS_SHOWN = 600;

export function createNotifier(options: NotifierOptions): Notifier {
  const underWay = new Set<Promise<void>>();
  const stop = new AbortController();

  const post = (url: string, body: unknown, headers: Readonly<Record<string, string>>): void => {
    if (underWay.size >= UNDER_WAY_MAX) {
      options.onProblem(`a notice to ${new URL(url).host} was not sent: too many are under way`);
      return;
    }
    const work = send(url, body, { headers, signal: stop.signal })
      .catch((error: unknown) =>
        options.onProblem(`cannot notify ${new URL(url).host}: ${messageOf(error)}`),
      )
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };

  const mayCallBack = (url: string): boolean => {
    if (!URL.canParse(url)) return false;
    const { protocol, hostname } = new URL(url);
    const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
    return /^https?:$/.test(protocol) && (local || options.callbackHosts.includes(hostname));
  };

  return {
    mayCallBack,
    pending(approval) {
      if (options.notifyUrl === undefined) return;
      post(options.notifyUrl, noticeOf(approval, options.links), options.notifyHeaders);
    },
    resolved(approval) {
      if (approval.callbackUrl === '' || !mayCallBack(approval.callbackUrl)) return;
      post(approval.callbackUrl, eventOf(approval, approval.status), {});
    },
    async shutdown() {
      stop.abort();
      await Promise.all(underWay);
    },
  };
}

async function send(
  url: string,
  body: unknown,
  { headers, signal }: { headers: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await answer.body?.cancel();
      if (answer.ok) return;
      throw new Error(`it answered ${answer.status}`);
    } catch (error) {
      if (attempt >= ATTEMPTS || signal.aborted) throw error;
      await delay(RETRY_MS * attempt, undefined, { ref: false });
    }
  }
}

const eventOf = (approval: Approval, event: string) => ({
  event,
  id: approval.id,
  agent_id: approval.agent,
  tool: approval.tool,
  params: JSON.parse(approval.paramsJson) as unknown,
  policy_rule: approval.policyRule,
  ...(approval.resolvedBy === null ? {} : { resolved_by: approval.resolvedBy }),
  timestamp: new Date(approval.resolvedAtMs ?? approval.createdAtMs).toISOString(),
});

/** One body for Slack, which shows `text` and `blocks`, and for programs, which read the rest. */
function noticeOf(approval: Approval, links: DecisionLinks) {
  const { id, agent, tool, expiresAtMs, injectionRisk } = approval;
  const approve = links.linkOf(id, 'approve', expiresAtMs);
  const deny = links.linkOf(id, 'deny', expiresAtMs);
  const risk = injectionRisk ? '\n:warning: its arguments look like an injection' : '';
  const params = approval.paramsJson.slice(0, PARAMS_SHOWN).replaceAll('```', "'''");
  const title = `${escaped(agent)} asks to call ${escaped(tool)}`;
  return {
    text: title,
    blocks: [
      {
        type: 'section',
        text: { type: 'mrkdwn', text: `*${title}*${risk}\n\`\`\`${escaped(params)}\`\`\`` },
      },
      {
        type: 'actions',
        elements: [button('Approve', approve, 'primary'), button('Deny', deny, 'danger')],
      },
    ],
    ...eventOf(approval, 'pending'),
    injection_risk: injectionRisk,
    expires_at: new Date(expiresAtMs).toISOString(),
    approve_url: approve,
    deny_url: deny,
  };
}

const button = (text: string, url: string, style: string) => ({
  type: 'button',
  text: { type: 'plain_text', text },
  url,
  style,
});

/** Slack's three special characters. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
