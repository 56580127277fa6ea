export interface Repetition {
  /** Ends the repetition and waits for what is under way. Safe to call twice. */
  stop(): Promise<void>;
}

interface RepeatOptions {
  /** From the end of one to the beginning of the next. */
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/** Does the work now and again and again, never twice at a time. A failure is told, and the next try comes. */
export function repeat(work: () => Promise<unknown>, options: RepeatOptions): Repetition {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let underWay: Promise<void> = Promise.resolve();
  const turn = (): void => {
    underWay = work()
      .then(() => undefined, options.onError)
      .finally(() => {
        if (stopped) return;
        timer = setTimeout(turn, options.everyMs);
        timer.unref();
      });
  };
  turn();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
