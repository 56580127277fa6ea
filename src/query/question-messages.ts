import type { ErrorCode } from '../errors.ts';

/** What passes between the main thread and one that answers questions, one at a time. */

export interface Failure {
  readonly message: string;
  /** Undefined for what nobody expected. */
  readonly code: ErrorCode | undefined;
}

export type ToThread<Question, Reply> =
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly question: Question;
      readonly timeoutMs: number;
    }
  /** Nobody waits for the answer any more. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Reply };

export type FromThread<Request> =
  | { readonly kind: 'answer'; readonly id: number; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: Failure }
  /** Something that only the main thread can do; `id` is the request's own. */
  | { readonly kind: 'request'; readonly id: number; readonly request: Request };

export const TOO_MUCH_MEMORY =
  'query processing would load too much into memory in query execution; narrow its selectors, or ask with a larger step';
