import { Link, getRouteApi } from '@tanstack/react-router';
import { Page } from '../parts/Page.tsx';
import { PageTabs } from '../parts/Tabs.tsx';
import { EvidencePackages } from './EvidencePackages.tsx';
import { EvidenceReadiness } from './EvidenceReadiness.tsx';
import { EvidenceVerify } from './EvidenceVerify.tsx';
import type { EvidenceTab } from './evidence-search.ts';
import './Evidence.css';

const route = getRouteApi('/shell/evidence');

const TABS: readonly { readonly id: EvidenceTab; readonly name: string }[] = [
  { id: 'readiness', name: 'Readiness' },
  { id: 'packages', name: 'Packages' },
  { id: 'verify', name: 'Verify' },
];

/** Would the records stand a review, and the file to give to whoever reviews them. */
export function EvidencePage() {
  const { tab = 'readiness' } = route.useSearch();
  return (
    <Page
      title="Evidence"
      lead="What agents did and who decided what, so that somebody else can check it."
    >
      <PageTabs label="Evidence">
        {TABS.map(({ id, name }) => (
          <Link
            key={id}
            to="/evidence"
            search={id === 'readiness' ? {} : { tab: id }}
            activeOptions={{ exact: true, includeSearch: true }}
            {...(id === tab ? { 'aria-current': 'true' as const } : {})}
          >
            {name}
          </Link>
        ))}
      </PageTabs>
      {tab === 'readiness' && <EvidenceReadiness />}
      {tab === 'packages' && <EvidencePackages />}
      {tab === 'verify' && <EvidenceVerify />}
    </Page>
  );
}
