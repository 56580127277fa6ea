import { ByteBuilder } from '../base/byte-builder.ts';
import { DictionaryColumn } from '../base/dictionary-column.ts';
import type { Markable } from '../base/mark.ts';
import { StringColumn } from '../base/string-column.ts';

/** Bits of `GenAiColumns.flags`. */
export const GENAI_FLAG = {
  /** May be the root of a run: its name or its operation says so. */
  runRoot: 1,
  /** A call of a model: tokens on it are counted. */
  modelCall: 2,
  /** A span around model calls whose usage repeats theirs. */
  aggregate: 4,
  /** The counts are a guess of the instrumentation, not the provider's. */
  tokensEstimated: 8,
  /** A count was sent that cannot be one (negative, not a whole number, out of range). */
  tokensInvalid: 16,
  /** It has an event that tells how it was evaluated. */
  evaluated: 32,
  /** No span was sent: a log record told of it. */
  told: 64,
} as const;

/** A column of 64-bit values that may be missing: eight bytes and a null byte per row. */
export class NullableColumn {
  readonly values = new ByteBuilder(8192);
  readonly nulls = new ByteBuilder(1024);
  readonly parts: readonly Markable[] = [this.values, this.nulls];

  pushNull(): void {
    this.nulls.u8(1);
    this.values.u64(0, 0);
  }

  /** An unsigned whole number up to 2^53. */
  pushCount(value: number): void {
    this.nulls.u8(0);
    this.values.u64(value >>> 0, Math.floor(value / 2 ** 32));
  }

  pushDouble(value: number): void {
    this.nulls.u8(0);
    this.values.f64(value);
  }

  reset(): void {
    this.values.reset();
    this.nulls.reset();
  }
}

/** The one GenAI view of every span, whatever dialect it was written in; a row per span. */
export class GenAiColumns {
  readonly agent = new DictionaryColumn();
  readonly operation = new DictionaryColumn();
  readonly requestModel = new DictionaryColumn();
  readonly responseModel = new DictionaryColumn();
  readonly provider = new DictionaryColumn();
  readonly framework = new DictionaryColumn();
  readonly dialect = new DictionaryColumn();
  readonly toolName = new DictionaryColumn();
  readonly toolCallId = new StringColumn();
  readonly conversation = new StringColumn();
  readonly user = new StringColumn();
  readonly errorType = new DictionaryColumn();
  /** Finish reasons joined by commas. */
  readonly finishReasons = new DictionaryColumn();
  /** As the sender spells it; '' when nothing tells. */
  readonly serviceTier = new DictionaryColumn();
  /** All input, cached parts included. */
  readonly inputTokens = new NullableColumn();
  /** All output, reasoning included. */
  readonly outputTokens = new NullableColumn();
  readonly cacheReadTokens = new NullableColumn();
  readonly cacheWriteTokens = new NullableColumn();
  /** Of `cacheWriteTokens`, those that are kept for an hour. */
  readonly cacheWrite1hTokens = new NullableColumn();
  readonly reasoningTokens = new NullableColumn();
  /** The cost that the sender reported; US dollars. */
  readonly reportedCost = new NullableColumn();
  readonly flags = new ByteBuilder(1024);

  readonly #columns = [
    this.agent,
    this.operation,
    this.requestModel,
    this.responseModel,
    this.provider,
    this.framework,
    this.dialect,
    this.toolName,
    this.toolCallId,
    this.conversation,
    this.user,
    this.errorType,
    this.finishReasons,
    this.serviceTier,
    this.flags,
  ] as const;
  readonly #nullables = [
    this.inputTokens,
    this.outputTokens,
    this.cacheReadTokens,
    this.cacheWriteTokens,
    this.cacheWrite1hTokens,
    this.reasoningTokens,
    this.reportedCost,
  ] as const;
  readonly parts: readonly Markable[] = [
    ...this.#columns,
    ...this.#nullables.flatMap((column) => column.parts),
  ];

  reset(): void {
    for (const column of this.#columns) column.reset();
    for (const column of this.#nullables) column.reset();
  }
}
