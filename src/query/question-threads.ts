import { Worker } from 'node:worker_threads';

import { AppError } from '../errors.ts';
import { TOO_MUCH_MEMORY, type FromThread, type ToThread } from './question-messages.ts';

export interface QuestionThreadsOptions<Request, Reply> {
  /** The threads' entry module. */
  readonly entry: URL;
  readonly data: unknown;
  readonly threads: number;
  /** The longest that a question may take, with the time that it waits. */
  readonly timeoutMs: number;
  readonly heapBytesMax: number;
  /** Does what only this thread can do. MUST NOT reject; the list is what is handed over instead of copied. */
  readonly serve: (request: Request) => Promise<readonly [Reply, readonly ArrayBuffer[]]>;
  readonly onProblem: (message: string) => void;
}

export interface QuestionLimits {
  readonly timeoutMs?: number | undefined;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

/** More that wait are refused. */
const WAITING_MAX = 100;
/** How long a thread may take to notice that its question is given up, before it is ended. */
const GRACE_MS = 200;

interface Task<Question> {
  readonly id: number;
  readonly question: Question;
  readonly deadlineMs: number;
  /** Answers who asked; only the first outcome counts. */
  readonly settle: (outcome: Uint8Array<ArrayBuffer> | AppError) => void;
}

interface Thread<Question> {
  readonly worker: Worker;
  task: Task<Question> | undefined;
  /** Requests of it that are being served. */
  serving: number;
  ending: NodeJS.Timeout | undefined;
  ended: boolean;
}

/**
 * Threads that answer questions, each one at a time, so that nothing that is asked can hold the main thread. They start
 * when they are first needed. A question that takes too long, or that nobody waits for any more, is given up; a thread
 * that does not let go of it is ended, and another takes its place.
 */
export class QuestionThreads<Question, Request, Reply> {
  readonly #options: QuestionThreadsOptions<Request, Reply>;
  readonly #threads = new Set<Thread<Question>>();
  readonly #waiting: Task<Question>[] = [];
  #next = 0;
  #closed = false;

  constructor(options: QuestionThreadsOptions<Request, Reply>) {
    this.#options = options;
  }

  /** The body of the answer. Throws what the question came to, `QUERY_TIMEOUT`, `QUERY_FAILED` and `OVERLOADED`. */
  ask(question: Question, { timeoutMs, signal }: QuestionLimits): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#closed) return Promise.reject(new AppError('SHUTTING_DOWN'));
    if (signal?.aborted === true) return Promise.reject(cancelled());
    if (this.#waiting.length >= WAITING_MAX) {
      const detail = `${WAITING_MAX} questions wait already; ask again when some are answered`;
      return Promise.reject(new AppError('OVERLOADED', detail));
    }
    const limitMs = Math.min(timeoutMs ?? Infinity, this.#options.timeoutMs);
    return new Promise((resolve, reject) => {
      const giveUp = (error: AppError): void => {
        task.settle(error);
        this.#letGo(task);
      };
      const timer = setTimeout(() => giveUp(this.#timedOut(task)), limitMs);
      const onAbort = (): void => giveUp(cancelled());
      const task: Task<Question> = {
        id: this.#next++,
        question,
        deadlineMs: performance.now() + limitMs,
        settle: (outcome) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          if (outcome instanceof AppError) reject(outcome);
          else resolve(outcome);
        },
      };
      signal?.addEventListener('abort', onAbort);
      this.#waiting.push(task);
      this.#assign();
    });
  }

  async shutdown(): Promise<void> {
    this.#closed = true;
    for (const { settle } of this.#waiting.splice(0)) settle(new AppError('SHUTTING_DOWN'));
    await Promise.all(
      [...this.#threads].map(async (thread) => {
        thread.task?.settle(new AppError('SHUTTING_DOWN'));
        await thread.worker.terminate();
      }),
    );
  }

  #timedOut(task: Task<Question>): AppError {
    const where = this.#waiting.includes(task) ? 'query queue' : 'expression evaluation';
    return new AppError('QUERY_TIMEOUT', `query timed out in ${where}`);
  }

  #assign(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      const thread = this.#idle();
      if (thread === undefined) return;
      const task = this.#waiting.shift()!;
      thread.task = task;
      const timeoutMs = Math.max(1, task.deadlineMs - performance.now());
      const { id, question } = task;
      this.#post(thread, { kind: 'ask', id, question, timeoutMs });
    }
  }

  #idle(): Thread<Question> | undefined {
    for (const thread of this.#threads) {
      if (thread.task === undefined && thread.serving === 0 && !thread.ended) return thread;
    }
    return this.#threads.size < this.#options.threads ? this.#start() : undefined;
  }

  #start(): Thread<Question> {
    const { entry, data, heapBytesMax } = this.#options;
    const worker = new Worker(entry, {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(heapBytesMax / 2 ** 20) },
    });
    const thread: Thread<Question> = {
      worker,
      task: undefined,
      serving: 0,
      ending: undefined,
      ended: false,
    };
    this.#threads.add(thread);
    worker.on('message', (message: FromThread<Request>) => {
      if (message.kind === 'request') void this.#serve(thread, message);
      else this.#finish(thread, message);
    });
    worker.on('error', (error: Error) => this.#fail(thread, error));
    worker.on('exit', () => this.#remove(thread));
    return thread;
  }

  async #serve(
    thread: Thread<Question>,
    { id, request }: Extract<FromThread<Request>, { kind: 'request' }>,
  ): Promise<void> {
    thread.serving += 1;
    const [reply, handedOver] = await this.#options.serve(request);
    thread.serving -= 1;
    if (thread.ended) this.#remove(thread);
    else this.#post(thread, { kind: 'reply', id, reply }, handedOver);
    this.#assign();
  }

  #finish(
    thread: Thread<Question>,
    message: Exclude<FromThread<Request>, { kind: 'request' }>,
  ): void {
    const { task } = thread;
    if (task === undefined || task.id !== message.id) return;
    clearTimeout(thread.ending);
    thread.task = undefined;
    if (message.kind === 'answer') task.settle(message.body);
    else {
      const { code, message: detail } = message.failure;
      if (code === undefined) this.#options.onProblem(`a question in PromQL failed: ${detail}`);
      task.settle(code === undefined ? new AppError('INTERNAL_ERROR') : new AppError(code, detail));
    }
    this.#assign();
  }

  /** Takes the question back from wherever it is. */
  #letGo(task: Task<Question>): void {
    const at = this.#waiting.indexOf(task);
    if (at !== -1) {
      this.#waiting.splice(at, 1);
      return;
    }
    for (const thread of this.#threads) {
      if (thread.task !== task || thread.ended) continue;
      this.#post(thread, { kind: 'cancel', id: task.id });
      thread.ending = setTimeout(() => void thread.worker.terminate(), GRACE_MS);
    }
  }

  #fail(thread: Thread<Question>, error: Error): void {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (!tooLarge) this.#options.onProblem(`a thread that answers PromQL failed: ${error.message}`);
    thread.task?.settle(
      tooLarge ? new AppError('QUERY_FAILED', TOO_MUCH_MEMORY) : new AppError('INTERNAL_ERROR'),
    );
  }

  /** Its place is free once it is gone and nothing is done for it any more: that bounds what the engine is asked. */
  #remove(thread: Thread<Question>): void {
    clearTimeout(thread.ending);
    thread.ended = true;
    thread.task?.settle(new AppError('INTERNAL_ERROR'));
    thread.task = undefined;
    if (thread.serving > 0) return;
    this.#threads.delete(thread);
    this.#assign();
  }

  #post(
    thread: Thread<Question>,
    message: ToThread<Question, Reply>,
    handedOver: readonly ArrayBuffer[] = [],
  ): void {
    thread.worker.postMessage(message, [...handedOver]);
  }
}

const cancelled = (): AppError => new AppError('QUERY_FAILED', 'query was canceled');
