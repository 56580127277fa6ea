import { createHmac, timingSafeEqual } from 'node:crypto';

/** Links that let whoever holds one decide about one approval until it expires. */
export interface DecisionLinks {
  linkOf(id: string, decision: 'approve' | 'deny', expiresAtMs: number): string;
  /** Whether the parts of a link belong together and it has not expired. */
  verify(link: {
    readonly id: string;
    readonly decision: string;
    readonly expiresAtMs: number;
    readonly signature: string;
  }): boolean;
}

export function createDecisionLinks(options: {
  readonly secret: Buffer;
  /** Without a slash at its end; asked when a link is made. */
  readonly publicUrl: () => string;
  readonly now: () => number;
}): DecisionLinks {
  const sign = (id: string, decision: string, expiresAtMs: number): string =>
    createHmac('sha256', options.secret)
      .update(JSON.stringify([id, decision, expiresAtMs]))
      .digest('base64url');
  return {
    linkOf(id, decision, expiresAtMs) {
      const query = new URLSearchParams({
        decision,
        expires: String(expiresAtMs),
        signature: sign(id, decision, expiresAtMs),
      });
      return `${options.publicUrl()}/approvals/${id}/link?${query.toString()}`;
    },
    verify({ id, decision, expiresAtMs, signature }) {
      if (!(expiresAtMs > options.now())) return false;
      const expected = Buffer.from(sign(id, decision, expiresAtMs));
      const given = Buffer.from(signature);
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
  };
}
