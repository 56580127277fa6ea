import { messageOf } from '../../errors.ts';
import type { ChannelTarget } from '../../model/alert.ts';
import type { Alert } from '../../storage/alert-store.ts';
import { failed, type SendOptions, type SendOutcome } from './send-outcome.ts';

const ANSWER_MAX = 300;

type Mailbox = Extract<ChannelTarget, { kind: 'email' }>;

/** Sends the alert as plain text. Its `Message-ID` is the same for every attempt, so a mailbox can show it once. */
export async function sendEmail(
  alert: Alert,
  target: Mailbox,
  { deliveryId, timeoutMs, signal }: SendOptions,
): Promise<SendOutcome> {
  // Loaded with the first letter: most servers send none, and a start must not wait for it.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host: target.host,
    port: target.port,
    secure: target.security === 'tls',
    requireTLS: target.security === 'starttls',
    ignoreTLS: target.security === 'none',
    ...(target.username === '' ? {} : { auth: { user: target.username, pass: target.password } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const abort = (): void => transport.close();
  signal?.addEventListener('abort', abort);
  try {
    const sent = await transport.sendMail({
      from: target.from,
      to: [...target.to],
      subject: `[Signalbox] ${alert.severity}: ${alert.title}`,
      text: `${alert.text}\n\nProject: ${alert.project}\nAlert: ${alert.id}\nRaised: ${new Date(alert.raisedAtMs).toISOString()}\n`,
      messageId: `<${deliveryId}@signalbox.invalid>`,
      headers: { 'X-Signalbox-Alert': alert.id, 'Auto-Submitted': 'auto-generated' },
    });
    return { kind: 'delivered', answer: sent.response.slice(0, ANSWER_MAX) };
  } catch (error) {
    return failed(
      `it cannot be sent: ${messageOf(error).replaceAll(target.password || '\0', '…')}`,
    );
  } finally {
    signal?.removeEventListener('abort', abort);
    transport.close();
  }
}
