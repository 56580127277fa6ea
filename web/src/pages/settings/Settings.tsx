import { Link, getRouteApi } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { Page } from '../../parts/Page.tsx';
import { PageTabs } from '../../parts/Tabs.tsx';
import { useMay } from '../../parts/use-may.ts';
import { AuditLog } from './AuditLog.tsx';
import { DeadLetters } from './DeadLetters.tsx';
import { Keys } from './Keys.tsx';
import { People } from './People.tsx';
import { Channels } from './Channels.tsx';
import { Prices } from './Prices.tsx';
import { RetentionPanel } from './RetentionPanel.tsx';
import { RunNames } from './RunNames.tsx';
import './Settings.css';

const route = getRouteApi('/shell/settings/$section');

interface Section {
  readonly id: string;
  readonly name: string;
  readonly needs?: string;
  readonly part: ComponentType;
}

const SECTIONS: readonly Section[] = [
  { id: 'keys', name: 'Keys', part: Keys },
  { id: 'people', name: 'People', needs: 'admin', part: People },
  { id: 'alerts', name: 'Alert channels', needs: 'admin', part: Channels },
  { id: 'prices', name: 'Prices', part: Prices },
  { id: 'run-names', name: 'Run names', part: RunNames },
  { id: 'retention', name: 'Retention', needs: 'governance:read', part: RetentionPanel },
  { id: 'dead-letters', name: 'Dead letters', part: DeadLetters },
  { id: 'audit-log', name: 'Audit log', needs: 'governance:read', part: AuditLog },
];

export function SettingsPage() {
  const { section } = route.useParams();
  const isAdmin = useMay('admin');
  const mayGovern = useMay('governance:read');
  const shown = SECTIONS.filter(
    ({ needs }) => needs === undefined || (needs === 'admin' ? isAdmin : mayGovern),
  );
  // An address that names none, or one that is not this reader's, shows the first.
  const { id: selected, part: Part } = shown.find(({ id }) => id === section) ?? shown[0]!;
  return (
    <Page title="Settings">
      <PageTabs label="Settings">
        {shown.map(({ id, name }) => (
          <Link
            key={id}
            to="/settings/$section"
            params={{ section: id }}
            replace
            {...(id === selected ? { 'aria-current': 'true' as const } : {})}
          >
            {name}
          </Link>
        ))}
      </PageTabs>
      <Part />
    </Page>
  );
}
