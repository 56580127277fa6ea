import type { ReactNode } from 'react';
import './Figures.css';

/** A row of figures, each with what it is and what it is held against. */
export function Figures(props: { readonly label: string; readonly children: ReactNode }) {
  return (
    <section className="panel figures" aria-label={props.label}>
      {props.children}
    </section>
  );
}

export function Figure(props: {
  readonly label: string;
  readonly value: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <div className="figure">
      <span className="quiet">{props.label}</span>
      <b>{props.value}</b>
      <span className="faint">{props.children}</span>
    </div>
  );
}
