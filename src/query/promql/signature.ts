import type { Matching } from './ast.ts';
import type { Labels } from './labels.ts';
import { dropLabels, keepLabels, keyOf, NAME } from './labels.ts';

/** Equal for series that pair with each other. */
export function signatureOf({ on, labels: names }: Matching): (labels: Labels) => string {
  const wanted = new Set(names);
  const unwanted = new Set([...names, NAME]);
  return (labels) => keyOf(on ? keepLabels(labels, wanted) : dropLabels(labels, unwanted));
}
