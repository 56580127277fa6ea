import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { gatewayQuery } from '../client/approvals.ts';
import { toolPinsQuery } from '../client/policies.ts';
import { Page } from '../parts/Page.tsx';
import { PageTabs } from '../parts/Tabs.tsx';
import { Grants } from './Grants.tsx';
import { NoGateway } from './NoGateway.tsx';
import type { PolicyTab } from './policies-search.ts';
import { PolicyDryRun } from './PolicyDryRun.tsx';
import { PolicyRules } from './PolicyRules.tsx';
import { PolicyTry } from './PolicyTry.tsx';
import { ToolPins } from './ToolPins.tsx';
import './Policies.css';

const route = getRouteApi('/shell/policies');

const TABS: readonly { readonly id: PolicyTab; readonly name: string }[] = [
  { id: 'rules', name: 'In force' },
  { id: 'try', name: 'Try a call' },
  { id: 'dry-run', name: 'Dry run' },
  { id: 'grants', name: 'Grants' },
  { id: 'tools', name: 'Tools' },
];

/** By which rules calls are let through, what they would do, and what stands beside them. */
export function PoliciesPage() {
  const { tab = 'rules' } = route.useSearch();
  const gateway = useQuery(gatewayQuery);
  const running = gateway.data?.running === true;
  const pins = useQuery({ ...toolPinsQuery, enabled: running });
  const held = pins.data?.filter((pin) => pin.held !== null).length ?? 0;
  if (gateway.data?.running === false) {
    return (
      <Page title="Policies">
        <NoGateway />
      </Page>
    );
  }
  return (
    <Page
      title="Policies"
      lead="The first rule that fits a call decides; no rule that fits denies."
    >
      <PageTabs label="Policies">
        {TABS.map(({ id, name }) => (
          <Link
            key={id}
            to="/policies"
            search={id === 'rules' ? {} : { tab: id }}
            activeOptions={{ exact: true, includeSearch: true }}
            {...(id === tab ? { 'aria-current': 'true' as const } : {})}
          >
            {name}
            {id === 'tools' && held > 0 && <span className="tag caution">{held} held</span>}
          </Link>
        ))}
      </PageTabs>
      {tab === 'rules' && <PolicyRules />}
      {tab === 'try' && <PolicyTry />}
      {tab === 'dry-run' && <PolicyDryRun />}
      {tab === 'grants' && <Grants />}
      {tab === 'tools' && <ToolPins />}
    </Page>
  );
}
