import { Link } from '@tanstack/react-router';
import type { QualityHeatmap } from '../client/quality.ts';
import { formatShare } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import './Quality.css';

type Cell = QualityHeatmap['agents'][number]['cells'][number];

/** Pass rate in five steps, as classes: an unknown day has none. */
function toneOf(cell: Cell): string {
  const rate = cell?.pass_rate;
  if (rate === null || rate === undefined) return '';
  if (rate === 1) return 't4';
  if (rate >= 0.95) return 't3';
  if (rate >= 0.8) return 't2';
  return rate >= 0.5 ? 't1' : 't0';
}

/** So many days from one that is named to the next. */
const DAYS_APART = 7;

/** In a window that has not room for all days, the newest are those to begin with. */
function showNewest(map: HTMLDivElement | null): void {
  if (map !== null) map.scrollLeft = map.scrollWidth;
}

/** Pass rates by agent and day; an agent's name leads to its results. */
export function HeatMap(props: { readonly map: QualityHeatmap }) {
  const { days, agents } = props.map;
  return (
    <section className="panel" aria-label="Pass rate by agent and day">
      <header>
        <h2>Pass rate by day</h2>
        <Legend />
        <span className="faint">
          {days[0]} to {days.at(-1)}
        </span>
      </header>
      <div ref={showNewest} className="heatmap" tabIndex={0} role="region" aria-label="Heat map">
        <table>
          <thead>
            <tr>
              <th>
                <span className="visually-hidden">Agent</span>
              </th>
              {days.map((day, at) => (
                <th key={day} className="heatmap-day faint">
                  <span className="visually-hidden">{day}</span>
                  {at % DAYS_APART === 0 && <span aria-hidden="true">{Number(day.slice(8))}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {agents.map(({ agent, cells }) => (
              <tr key={agent}>
                <th scope="row">
                  <Link to="/quality" search={{ agent }} className="link">
                    <Foreign text={agent === '' ? 'unattributed' : agent} charactersMax={40} />
                  </Link>
                </th>
                {cells.map((cell, at) => (
                  <td
                    key={days[at]}
                    className={toneOf(cell)}
                    title={`${days[at]}: ${describeCell(cell)}`}
                  >
                    <span className="visually-hidden">{describeCell(cell)}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const STEPS = [
  ['t4', 'all passed'],
  ['t3', '95 % and more'],
  ['t2', '80 % and more'],
  ['t1', 'half and more'],
  ['t0', 'fewer'],
] as const;

function Legend() {
  return (
    <ul className="heatmap-legend faint" aria-label="Colours">
      {STEPS.map(([tone, words]) => (
        <li key={tone}>
          <i className={tone} aria-hidden="true" /> {words}
        </li>
      ))}
    </ul>
  );
}

function describeCell(cell: Cell): string {
  if (cell === null) return 'no results';
  const worst = cell.worst_severity === null ? '' : `, worst ${cell.worst_severity.toLowerCase()}`;
  return `${formatShare(cell.pass_rate)} passed, ${cell.failed} failed${worst}`;
}
