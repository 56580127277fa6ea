import { withAgent, type AgentOptions } from './agent.ts';
import { once, replaceMethod } from './instrumented.ts';
import { fieldsOf, textOf } from './fields.ts';

/** An executor of `@a2a-js/sdk`, by what is used. */
export interface A2aExecutor {
  execute(request: never, events: never): Promise<void>;
}

/**
 * Makes each task that an A2A agent executes a turn of that agent, in the conversation that A2A calls a context. The
 * span outlives the HTTP request, as the task does. Caller and agent are connected by the HTTP headers.
 */
export function instrumentA2aExecutor<T extends A2aExecutor>(executor: T, agent: AgentOptions): T {
  return once(executor, () => {
    replaceMethod(executor, 'execute', (execute, args) => {
      const request = fieldsOf(args[0]);
      const taskId = textOf(request['taskId']);
      const options = {
        ...agent,
        conversationId: textOf(request['contextId']) ?? agent.conversationId,
        attributes: {
          ...agent.attributes,
          ...(taskId === undefined ? {} : { 'a2a.task.id': taskId }),
        },
      };
      return withAgent(options, () => execute(...args));
    });
  });
}
