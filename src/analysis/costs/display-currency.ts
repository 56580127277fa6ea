import type { Clock } from '../../base/clock.ts';
import type { Picodollars } from '../../model/money.ts';
import { toDollars } from '../../model/money.ts';
import type { Actor, JsonValue } from '../../storage/audit-log.ts';
import type { SettingStore } from '../../storage/setting-store.ts';

const SETTING = 'display_currency';

/** A currency in which amounts are shown beside US dollars. Nothing is reckoned in it. */
export interface DisplayCurrency {
  /** ISO 4217, e.g. `EUR`. */
  readonly code: string;
  /** How many of it a US dollar is. */
  readonly rate: number;
  /** Since when the rate holds, for people to judge it by; milliseconds since 1970. Null for the dollar itself. */
  readonly sinceMs: number | null;
}

export const US_DOLLAR: DisplayCurrency = { code: 'USD', rate: 1, sinceMs: null };

export interface DisplayCurrencies {
  get(project: string): DisplayCurrency;
  set(project: string, currency: DisplayCurrency, actor: Actor): Promise<DisplayCurrency>;
}

export async function loadDisplayCurrencies({
  settings,
  clock,
}: {
  readonly settings: SettingStore;
  readonly clock: Clock;
}): Promise<DisplayCurrencies> {
  const byProject = new Map<string, DisplayCurrency>();
  for (const { project, value } of await settings.listByName(SETTING)) {
    byProject.set(project, parse(value));
  }
  const get = (project: string): DisplayCurrency => byProject.get(project) ?? US_DOLLAR;
  return {
    get,
    async set(project, currency, actor) {
      await settings.put(project, SETTING, toJson(currency), {
        project,
        atMs: clock.now(),
        actor,
        action: 'setting.changed',
        target: { kind: 'setting', id: SETTING },
        reason: null,
        detail: { from: toJson(get(project)), to: toJson(currency) },
      });
      byProject.set(project, currency);
      return currency;
    },
  };
}

/** The amount in the currency: a figure to show, not to reckon with. */
export function toDisplay(amount: Picodollars, { rate }: DisplayCurrency): number {
  return rate === 1 ? toDollars(amount) : toDollars(amount) * rate;
}

function toJson({ code, rate, sinceMs }: DisplayCurrency): JsonValue {
  return { code, rate, sinceMs };
}

function parse(value: JsonValue): DisplayCurrency {
  const { code, rate, sinceMs } = value as unknown as DisplayCurrency;
  return { code, rate, sinceMs };
}
