import { context, SpanKind, type Attributes, type Span } from '@opentelemetry/api';

import { recordable } from './content.ts';
import { withAgentName, withIdentity, type WorkIdentity } from './context-identity.ts';
import { withSpan } from './owned-span.ts';
import { withToolCall } from './tool-call-context.ts';

export interface AgentOptions extends WorkIdentity {
  readonly name: string;
  readonly id?: string | undefined;
  readonly description?: string | undefined;
  readonly version?: string | undefined;
  /** The provider of the agent's model, where known. */
  readonly provider?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface ToolOptions {
  readonly name: string;
  readonly callId?: string | undefined;
  readonly description?: string | undefined;
  /** `function` unless given. */
  readonly type?: string | undefined;
  /** Recorded only where content is. */
  readonly arguments?: unknown;
  readonly attributes?: Attributes | undefined;
}

/**
 * Runs one turn of an agent inside a span `invoke_agent {name}`. Spans below belong to this agent. `work` may
 * return a value, a promise or a stream; the span closes when that is over.
 */
export function withAgent<T>(options: AgentOptions, work: (span: Span) => T): T {
  const { name } = options;
  const identified = withIdentity(context.active(), options);
  return withSpan(
    {
      name: `invoke_agent ${name}`,
      kind: SpanKind.INTERNAL,
      attributes: defined({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': name,
        'gen_ai.agent.id': options.id,
        'gen_ai.agent.description': options.description,
        'gen_ai.agent.version': options.version,
        'gen_ai.provider.name': options.provider,
        ...options.attributes,
      }),
      parent: withAgentName(identified, name),
    },
    work,
  );
}

/** Runs one call of a tool inside a span `execute_tool {name}`. */
export function withTool<T>(options: ToolOptions, work: (span: Span) => T): T {
  const argumentsKey = 'gen_ai.tool.call.arguments';
  const resultKey = 'gen_ai.tool.call.result';
  return withSpan(
    {
      name: `execute_tool ${options.name}`,
      kind: SpanKind.INTERNAL,
      attributes: defined({
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': options.name,
        'gen_ai.tool.type': options.type ?? 'function',
        'gen_ai.tool.call.id': options.callId,
        'gen_ai.tool.description': options.description,
        [argumentsKey]: recordable(options.arguments, argumentsKey),
        ...options.attributes,
      }),
    },
    (span) => withToolCall(options.name, span, () => work(span)),
    (value) => {
      const result = recordable(value, resultKey);
      return result === undefined ? {} : { [resultKey]: result };
    },
  );
}

/** Runs any other step of an agent's work inside a span of the given name. */
export function withStep<T>(name: string, work: (span: Span) => T, attributes: Attributes = {}): T {
  return withSpan({ name, kind: SpanKind.INTERNAL, attributes }, work);
}

type AnyFunction = (...args: never[]) => unknown;

/** The function, each call of which is a turn of the agent. */
export function asAgent<F extends AnyFunction>(options: AgentOptions, run: F): F {
  return wrap(run, (call) => withAgent(options, call));
}

/** The function, each call of which is a call of the tool; its arguments are the tool's. */
export function asTool<F extends AnyFunction>(options: ToolOptions, run: F): F {
  return wrap(run, (call, args) =>
    withTool({ arguments: args.length === 1 ? args[0] : args, ...options }, call),
  );
}

/** The function, each call of which is a step. */
export function asStep<F extends AnyFunction>(name: string, run: F): F {
  return wrap(run, (call) => withStep(name, call));
}

function wrap<F extends AnyFunction>(
  run: F,
  around: (call: () => unknown, args: readonly unknown[]) => unknown,
): F {
  const wrapped = function (this: unknown, ...args: never[]): unknown {
    return around(() => Reflect.apply(run, this, args), args);
  };
  Object.defineProperty(wrapped, 'name', { value: run.name });
  return wrapped as F;
}

function defined(attributes: Record<string, Attributes[string] | undefined>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
