/** Functions of one value and up to two scalars; times are seconds since 1970. */
type InstantFunction = (value: number, first?: number, second?: number) => number;

const date = (seconds: number): Date => new Date(Math.floor(seconds) * 1000);

export const INSTANT_FUNCTIONS: Readonly<Record<string, InstantFunction>> = {
  abs: Math.abs,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  ceil: Math.ceil,
  clamp: (value, low, high) => Math.max(low!, Math.min(high!, value)),
  clamp_max: (value, high) => Math.min(high!, value),
  clamp_min: (value, low) => Math.max(low!, value),
  cos: Math.cos,
  cosh: Math.cosh,
  day_of_month: (value) => date(value).getUTCDate(),
  day_of_week: (value) => date(value).getUTCDay(),
  day_of_year: (value) => {
    const day = date(value);
    return Math.floor((day.getTime() - Date.UTC(day.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
  },
  days_in_month: (value) => {
    const day = date(value);
    return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  },
  deg: (value) => (value * 180) / Math.PI,
  exp: Math.exp,
  floor: Math.floor,
  hour: (value) => date(value).getUTCHours(),
  ln: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  minute: (value) => date(value).getUTCMinutes(),
  month: (value) => date(value).getUTCMonth() + 1,
  rad: (value) => (value * Math.PI) / 180,
  // Ties are rounded up.
  round: (value, nearest = 1) => Math.floor(value * (1 / nearest) + 0.5) / (1 / nearest),
  sgn: (value) => (value > 0 ? 1 : value < 0 ? -1 : value),
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
  year: (value) => date(value).getUTCFullYear(),
};
