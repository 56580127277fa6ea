import { withStep } from '@signalbox/sdk';

/** Tells readers that nothing more will come. It is how a stream ends, and no failure. */
export class QueueShutDown extends Error {
  override readonly name = 'QueueShutDown';
}

export interface TaskEvent {
  readonly state: 'working' | 'completed' | 'failed';
  readonly text: string;
}

/**
 * The events of a task, from the work in the background to who answers the request: A2A's reference server has such a
 * queue, marks the span of each read, and ends a stream with an exception, which would make every good turn look failed.
 */
export class EventQueue {
  readonly #events: TaskEvent[] = [];
  readonly #waiting: (() => void)[] = [];
  #isOpen = true;

  publish(event: TaskEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  shutDown(): void {
    this.#isOpen = false;
    this.#wake();
  }

  /** The next event. Throws `QueueShutDown` after the last. */
  async dequeue(): Promise<TaskEvent> {
    return await withStep('a2a.server.events.event_queue_v2.EventQueue.dequeue_event', async () => {
      for (;;) {
        const event = this.#events.shift();
        if (event !== undefined) return event;
        if (!this.#isOpen) throw new QueueShutDown('the queue was shut down');
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    });
  }

  /** Every event until the end. */
  async *events(): AsyncGenerator<TaskEvent> {
    try {
      for (;;) yield await this.dequeue();
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error;
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
