import { createHmac } from 'node:crypto';

import { messageOf } from '../../errors.ts';
import type { ChannelTarget } from '../../model/alert.ts';
import type { Alert } from '../../storage/alert-store.ts';
import { failed, type SendOptions, type SendOutcome } from './send-outcome.ts';

type Webhook = Extract<ChannelTarget, { kind: 'webhook' }>;
type Slack = Extract<ChannelTarget, { kind: 'slack' }>;

const ERROR_BYTES_MAX = 300;
const SECRET_PREFIX = 'whsec_';

/**
 * Posts the alert as JSON, signed as Standard Webhooks asks (https://www.standardwebhooks.com): `webhook-id` stays the
 * same when a delivery is tried again, so a receiver can tell that it has seen it.
 */
export function sendWebhook(
  alert: Alert,
  target: Webhook,
  options: SendOptions,
): Promise<SendOutcome> {
  const body = JSON.stringify({
    type: 'alert.raised',
    timestamp: new Date(alert.raisedAtMs).toISOString(),
    data: {
      id: alert.id,
      project: alert.project,
      kind: alert.kind,
      severity: alert.severity,
      subject: alert.subject,
      title: alert.title,
      text: alert.text,
      detail: alert.detail,
    },
  });
  const seconds = String(Math.floor(options.nowMs / 1_000));
  return post(target.url, body, options, {
    'webhook-id': options.deliveryId,
    'webhook-timestamp': seconds,
    'webhook-signature': signatureOf(`${options.deliveryId}.${seconds}.${body}`, target.secret),
  });
}

export function signatureOf(content: string, secret: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

/** Posts the alert as a message that Slack, and whoever takes its webhooks, shows in a channel. */
export function sendSlack(alert: Alert, target: Slack, options: SendOptions): Promise<SendOutcome> {
  const text = `*${escapeSlack(`[${alert.severity}] ${alert.title}`)}*\n${escapeSlack(alert.text)}`;
  return post(target.url, JSON.stringify({ text }), options, {});
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

async function post(
  url: string,
  body: string,
  { timeoutMs, signal }: SendOptions,
  headers: Readonly<Record<string, string>>,
): Promise<SendOutcome> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'user-agent': 'Signalbox', ...headers },
      // A redirect could lead where nobody with the right to set channels wanted to send.
      redirect: 'manual',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    const text = await beginningOf(answer);
    if (answer.ok) {
      return { kind: 'delivered', answer: `HTTP ${answer.status} ${text}`.trimEnd() };
    }
    if (answer.status >= 300 && answer.status < 400) {
      return failed(`it answers ${answer.status}, a redirect; name the final address`);
    }
    return { ...failed(`it answers ${answer.status}: ${text}`), gone: answer.status === 410 };
  } catch (error) {
    if (limit.aborted) return failed(`it did not answer within ${timeoutMs} ms`);
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return failed(`it cannot be reached: ${messageOf(cause)}`);
  }
}

/** Reads no more than it shows. */
async function beginningOf(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < ERROR_BYTES_MAX) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  await reader.cancel();
  const text = Buffer.concat(chunks).subarray(0, ERROR_BYTES_MAX).toString('utf8');
  return text.replaceAll('\0', '').trim();
}
