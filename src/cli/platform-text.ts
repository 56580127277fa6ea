import type { ProcessPlan } from '../platform/local-plan.ts';
import type { PlatformState, ProcessRecord } from '../platform/state-file.ts';
import type { TelemetryTarget } from '../platform/telemetry-target.ts';

/** Rows as columns of equal width, two spaces apart. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (so_far, row) => row.map((cell, index) => Math.max(cell.length, so_far[index] ?? 0)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export type Change = 'start' | 'restart' | 'keep' | 'stop';

const MARKS: Readonly<Record<Change, string>> = { start: '+', restart: '~', keep: '=', stop: '-' };

/** What `up` would do to each process, given what runs. */
export function changesOf(
  plans: readonly Pick<ProcessPlan, 'name' | 'digest'>[],
  running: readonly Pick<ProcessRecord, 'name' | 'digest'>[],
): { readonly name: string; readonly change: Change }[] {
  const present = new Map(running.map(({ digest, name }) => [name, digest]));
  const planned = plans.map(({ digest, name }) => {
    const now = present.get(name);
    const change: Change = now === undefined ? 'start' : now === digest ? 'keep' : 'restart';
    return { name, change };
  });
  const gone = running.filter(({ name }) => !plans.some((plan) => plan.name === name));
  return [...planned, ...gone.map(({ name }) => ({ name, change: 'stop' as const }))];
}

export function telemetryLine(target: TelemetryTarget): string {
  if (target.kind === 'off') return `Telemetry is off: ${target.because}.`;
  if (target.kind === 'own') return 'Telemetry goes to a Signalbox that is started for it.';
  return `Telemetry goes to ${target.endpoint} (${target.protocol}).`;
}

/** The text of `platform plan`: a line for each process, `+` new, `~` changed, `=` as it runs, `-` gone. */
export function planText(
  name: string,
  target: TelemetryTarget,
  plans: readonly ProcessPlan[],
  running: readonly Pick<ProcessRecord, 'name' | 'digest'>[],
): string {
  const rows = changesOf(plans, running).map(({ change, name: process }) => {
    const plan = plans.find((each) => each.name === process);
    const command = plan?.command.map((word) =>
      word.replace(/^.*\/(node|nats-server|signalbox\.js|register-typescript\.js)$/, '$1'),
    );
    return [
      MARKS[change],
      process,
      plan?.kind ?? '',
      plan?.serviceName ?? '',
      plan?.url ?? '',
      command?.join(' ') ?? '',
    ];
  });
  return [`Platform ${name}`, telemetryLine(target), '', formatTable(rows)].join('\n');
}

export function upText(state: PlatformState): string {
  const rows = state.processes.map((each) => [
    ' ',
    each.name,
    each.kind,
    each.serviceName ?? '',
    each.state,
    each.url ?? '',
  ]);
  const lines = [`The platform ${state.platform} is up.`, formatTable(rows)];
  if (state.telemetry === null) lines.push('', 'Telemetry is off.');
  else if (state.processes.some(({ kind }) => kind === 'backend')) {
    lines.push('', `Signalbox is at ${state.telemetry}`);
    if (state.signInUrl !== null) {
      lines.push(`  Sign in  ${state.signInUrl}   (works once, within an hour)`);
    }
  } else lines.push('', `Telemetry goes to ${state.telemetry}`);
  return lines.join('\n');
}
