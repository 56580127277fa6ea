/** An alert: something that people asked to be told of, told once. */

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
/** In rising order. */
export type Severity = (typeof SEVERITIES)[number];

export function isAtLeast(severity: Severity, bound: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(bound);
}

/** What an alert is about; `test` is sent by hand to try a channel. */
export const ALERT_KINDS = ['budget', 'anomaly', 'risk', 'test'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const CHANNEL_KINDS = ['webhook', 'slack', 'email'] as const;

export const MAIL_SECURITIES = ['tls', 'starttls', 'none'] as const;

/** Where alerts go. URLs, secrets and passwords are never shown again. */
export type ChannelTarget =
  | {
      readonly kind: 'webhook';
      readonly url: string;
      /** `whsec_` and base64: the key of the signature. */
      readonly secret: string;
    }
  | { readonly kind: 'slack'; readonly url: string }
  | {
      readonly kind: 'email';
      readonly host: string;
      readonly port: number;
      /** TLS from the first byte, after STARTTLS, or not at all. */
      readonly security: (typeof MAIL_SECURITIES)[number];
      /** '' to send without signing in. */
      readonly username: string;
      readonly password: string;
      readonly from: string;
      readonly to: readonly string[];
    };

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
