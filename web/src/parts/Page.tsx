import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { visibleText } from '../visible-text.ts';

/** The frame of every page: title (also the window's), one sentence, actions; then what the page is about. */
export function Page({
  title,
  heading,
  lead,
  actions,
  children,
  className = '',
}: {
  readonly title: string;
  readonly heading?: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}) {
  useEffect(() => {
    document.title = `${visibleText(title, 80)} · Signalbox`;
  }, [title]);
  return (
    <div className={`page ${className}`}>
      <div className="page-head">
        <h1>{heading ?? title}</h1>
        {lead !== undefined && <div className="lead">{lead}</div>}
        {actions !== undefined && <div className="actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
