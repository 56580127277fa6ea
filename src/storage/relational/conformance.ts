import { afterAll, beforeAll, beforeEach, describe } from 'vitest';

import type { ControlStore } from '../control-store.ts';
import { testAgents } from './conformance-agents.ts';
import { testQuality } from './conformance-quality.ts';
import { testMonitoring } from './conformance-monitoring.ts';
import { testGateway } from './conformance-gateway.ts';
import { testPrices } from './conformance-prices.ts';
import { testViews } from './conformance-views.ts';
import { testKeys, testSessions, testTheRest, testUsers } from './conformance-identity.ts';

/** What every control store does; `open` answers one over the same, at first empty, database each time. */
export function describeControlStore(
  name: string,
  { open }: { readonly open: () => Promise<ControlStore> },
): void {
  describe(name, () => {
    let store: ControlStore;
    let project: string;
    let projects = 0;

    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());
    beforeEach(() => {
      projects += 1;
      project = `project-${projects}`;
    });

    describe('agents', () => testAgents(() => ({ store, project, open })));
    describe('users', () => testUsers(() => ({ store, project, open })));
    describe('sessions', () => testSessions(() => ({ store, project, open })));
    describe('keys', () => testKeys(() => ({ store, project, open })));
    describe('quality', () => testQuality(() => ({ store, project, open })));
    describe('monitoring', () => testMonitoring(() => ({ store, project, open })));
    describe('the gateway', () => testGateway(() => ({ store, project, open })));
    describe('prices', () => testPrices(() => ({ store, project, open })));
    describe('saved views', () => testViews(() => ({ store, project, open })));
    describe('the rest', () => testTheRest(() => ({ store, project, open })));
  });
}
