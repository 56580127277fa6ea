const DONE = Symbol.for('signalbox.instrumented');

/** Runs `instrument` the first time it is asked for an object, so that nothing is watched twice. */
export function once<T extends object>(target: T, instrument: (target: T) => void): T {
  if ((target as Record<symbol, unknown>)[DONE] === true) return target;
  Object.defineProperty(target, DONE, { value: true });
  instrument(target);
  return target;
}

type Method = (...args: unknown[]) => unknown;

/** Puts another method in the place of one, when the object has it. `around` gets the original, bound. */
export function replaceMethod(
  target: object,
  name: string,
  around: (original: Method, args: unknown[]) => unknown,
): void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== 'function') return;
  const bound = original.bind(target) as Method;
  Object.defineProperty(target, name, {
    value: (...args: unknown[]) => around(bound, args),
    configurable: true,
    writable: true,
  });
}
