import { CONNECT_TARGETS } from '../connect/targets.ts';
import type { ConnectTarget } from '../connect/targets.ts';
import { compact, oneOf } from '../search-values.ts';
import type { RawSearch } from '../search-values.ts';

export interface ConnectSearch {
  readonly for?: ConnectTarget | undefined;
}

export function parseConnectSearch(raw: RawSearch): ConnectSearch {
  return compact({ for: oneOf(raw['for'], CONNECT_TARGETS) });
}
