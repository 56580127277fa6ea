import { InvalidArgumentError } from 'commander';

/** Values of flags, held against what they must be. */

export function webAddress(value: string): string {
  if (!/^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : '')) {
    throw new InvalidArgumentError('Give an address such as http://127.0.0.1:4318.');
  }
  return value.replace(/\/+$/, '');
}

/** A whole number from `min` to `max`. */
export const count =
  (max: number, min = 1) =>
  (value: string): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    }
    return number;
  };

export const days = count(36_500);

export function seconds(value: string): number {
  const number = Number(value);
  if (!(number >= 0.05 && number <= 3_600)) {
    throw new InvalidArgumentError('Give seconds from 0.05 to 3600.');
  }
  return number;
}

export function someNumber(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError('Give a number that is not below 0.');
  }
  return number;
}

/** For a flag that may be given several times. */
export const repeated = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];
