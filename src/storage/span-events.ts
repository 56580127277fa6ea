/** An event of a span, as far as a list of many shows it. */
export interface SpanEventMark {
  /** Lower-case hex. */
  readonly spanId: string;
  /** Nanoseconds since 1970 UTC, as the sender gave it; '' where it gave none. */
  readonly timeUnixNano: string;
  /** Its first 120 characters. */
  readonly name: string;
  /** Of an exception; '' where it is not told. */
  readonly exceptionType: string;
  /** Of an exception, its first 300 characters. */
  readonly exceptionMessage: string;
}
