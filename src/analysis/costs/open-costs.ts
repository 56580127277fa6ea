import type { Clock } from '../../base/clock.ts';
import { createPriceLibrary } from '../../semconv/price-library.ts';
import type { ControlStore } from '../../storage/control-store.ts';
import type { CostStore } from '../../storage/cost-store.ts';
import type { CostsConfig } from './config.ts';
import type { CostReports } from './cost-reports.ts';
import { createCostReports } from './cost-reports.ts';
import type { DisplayCurrencies } from './display-currency.ts';
import { loadDisplayCurrencies } from './display-currency.ts';
import type { PriceBook } from './price-book.ts';
import { loadPriceBook } from './price-book.ts';

/** What calls of models cost: prices, and questions about sums. */
export interface Costs {
  readonly prices: PriceBook;
  readonly reports: CostReports;
  readonly currencies: DisplayCurrencies;
  readonly store: CostStore;
}

export interface CostsOptions {
  readonly control: Pick<ControlStore, 'prices' | 'agents' | 'settings'>;
  readonly store: CostStore;
  readonly clock: Clock;
  readonly config: CostsConfig;
}

export async function openCosts({ control, store, clock, config }: CostsOptions): Promise<Costs> {
  const { preferReported } = config;
  return {
    prices: await loadPriceBook({
      store: control.prices,
      library: createPriceLibrary(),
      clock,
      preferReported,
    }),
    reports: createCostReports({ costs: store, agents: control.agents }),
    currencies: await loadDisplayCurrencies({ settings: control.settings, clock }),
    store,
  };
}
