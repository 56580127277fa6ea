/** Labels in the order of their names; none has an empty value. */
export type Labels = readonly (readonly [name: string, value: string])[];

export const NAME = '__name__';
export const BUCKET_BOUND = 'le';

export function labelOf(labels: Labels, name: string): string {
  for (const [key, value] of labels) if (key === name) return value;
  return '';
}

export function labelsOf(entries: Iterable<readonly [string, string]>): Labels {
  return [...new Map(entries)]
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

export function withLabel(labels: Labels, name: string, value: string): Labels {
  return labelsOf([...labels, [name, value]]);
}

export function keepLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return labels.filter(([name]) => names.has(name));
}

export function dropLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return labels.filter(([name]) => !names.has(name));
}

const NAME_ALONE = new Set([NAME]);
export const withoutName = (labels: Labels): Labels => dropLabels(labels, NAME_ALONE);

/** Equal for equal labels alone: no label holds the character that parts them. */
export function keyOf(labels: Labels): string {
  let key = '';
  for (const [name, value] of labels) key += `${name}\0${value}\0`;
  return key;
}

/** As PromQL writes it: `name{a="b"}`. */
export function formatLabels(labels: Labels): string {
  const rest = withoutName(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${labelOf(labels, NAME)}{${rest.join(', ')}}`;
}
