import type { Clock } from '../../base/clock.ts';
import { createPriceLibrary } from '../../semconv/price-library.ts';
import type { ControlStore } from '../../storage/control-store.ts';
import type { RunStore } from '../../storage/run-store.ts';
import type { CostStore } from '../../storage/cost-store.ts';
import type { CostsConfig } from './config.ts';
import type { CostEvents } from './cost-events.ts';
import { createCostEvents } from './cost-events.ts';
import type { CostReports } from './cost-reports.ts';
import { createCostReports } from './cost-reports.ts';
import type { DisplayCurrencies } from './display-currency.ts';
import { loadDisplayCurrencies } from './display-currency.ts';
import type { PriceBook } from './price-book.ts';
import { loadPriceBook } from './price-book.ts';
import { reprice, type RepriceParts } from './reprice.ts';
import type { JobProgress } from '../jobs.ts';

/** What calls of models cost: prices, and questions about sums. */
export interface Costs {
  readonly prices: PriceBook;
  readonly reports: CostReports;
  readonly currencies: DisplayCurrencies;
  readonly events: CostEvents;
  /** Prices every call that began in the range anew: the work of a job. */
  reprice(
    rebuild: RepriceParts['rebuild'],
    project: string,
    range: { readonly fromMs: number; readonly toMs: number },
    progress: JobProgress,
  ): Promise<void>;
  readonly store: CostStore;
}

export interface CostsOptions {
  readonly control: Pick<ControlStore, 'prices' | 'agents' | 'settings'>;
  readonly store: CostStore;
  readonly runs: Pick<RunStore, 'getTraceRuns' | 'writeChanges'>;
  /** Told of each project with new events. */
  readonly onRecorded: (project: string) => void;
  readonly clock: Clock;
  readonly config: CostsConfig;
}

export async function openCosts(options: CostsOptions): Promise<Costs> {
  const { control, store, runs, clock, onRecorded } = options;
  const prices = await loadPriceBook({
    store: control.prices,
    library: createPriceLibrary(),
    clock,
    preferReported: options.config.preferReported,
  });
  return {
    prices,
    reports: createCostReports({ costs: store, agents: control.agents }),
    currencies: await loadDisplayCurrencies({ settings: control.settings, clock }),
    events: createCostEvents({ runs, prices, clock, onRecorded }),
    reprice: (rebuild, project, range, progress) =>
      reprice({ rebuild, runs, costs: store, prices, clock }, project, range, progress),
    store,
  };
}
