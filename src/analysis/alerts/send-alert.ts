import type { ChannelTarget } from '../../model/alert.ts';
import type { Alert } from '../../storage/alert-store.ts';
import { sendEmail } from './send-email.ts';
import type { SendOptions, SendOutcome } from './send-outcome.ts';
import { sendSlack, sendWebhook } from './send-webhook.ts';

/** One attempt; never throws. */
export function sendAlert(
  alert: Alert,
  target: ChannelTarget,
  options: SendOptions,
): Promise<SendOutcome> {
  switch (target.kind) {
    case 'webhook':
      return sendWebhook(alert, target, options);
    case 'slack':
      return sendSlack(alert, target, options);
    case 'email':
      return sendEmail(alert, target, options);
  }
}
