/** What became of one attempt to send an alert. */
export type SendOutcome =
  | {
      readonly kind: 'delivered';
      /** What the other side said, as `HTTP 204`. */
      readonly answer: string;
    }
  | {
      readonly kind: 'failed';
      /** For the person who looks after the channel; without its secrets. */
      readonly error: string;
      /** Trying again is of no use. */
      readonly gone: boolean;
    };

export interface SendOptions {
  /** The same for every attempt of one delivery. */
  readonly deliveryId: string;
  readonly nowMs: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export function failed(error: string): Extract<SendOutcome, { kind: 'failed' }> {
  return { kind: 'failed', error, gone: false };
}
