import type { ResolveHook } from 'node:module';

/** A loader hook: `signalbox/platform` is this installation's, wherever the declaration lies. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  if (specifier !== 'signalbox/platform') return nextResolve(specifier, context);
  return { url: new URL('./declaration.js', import.meta.url).href, shortCircuit: true };
};
