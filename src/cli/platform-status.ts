import { findDeclaration } from '../platform/find-declaration.ts';
import { isAlive } from '../platform/process-group.ts';
import { foldersOf, readState } from '../platform/state-file.ts';
import type { PlatformState, ProcessRecord } from '../platform/state-file.ts';
import { formatTable } from './platform-text.ts';

interface StatusFlags {
  readonly file: string;
  readonly stateDir?: string;
  readonly json?: true;
}

type ShownState = ProcessRecord['state'] | 'orphan' | 'gone';

/** `signalbox platform status`: exit 1 when the platform is down or a process of it does not run. */
export function status(flags: StatusFlags): void {
  const state = readState(foldersOf(findDeclaration(flags.file), flags.stateDir));
  const supervised = state !== undefined && isAlive(state.supervisor);
  const processes = (state?.processes ?? []).map((each) => ({
    ...each,
    state: shownState(each, supervised),
  }));
  // One that was told to run once and ended well is where it should be.
  const fine = supervised && processes.every((each) => ['running', 'stopped'].includes(each.state));
  if (!fine) process.exitCode = 1;
  if (flags.json) {
    const { phase, platform, telemetry } = state ?? {};
    console.log(
      JSON.stringify({
        platform: platform ?? null,
        up: supervised,
        phase: supervised ? phase : 'down',
        telemetry: telemetry ?? null,
        processes,
      }),
    );
    return;
  }
  console.log(statusText(state, supervised, processes));
}

function shownState({ process: id, state }: ProcessRecord, supervised: boolean): ShownState {
  const lives = id !== null && isAlive(id);
  if (!supervised) return lives ? 'orphan' : 'gone';
  return state;
}

function statusText(
  state: PlatformState | undefined,
  supervised: boolean,
  processes: readonly (Omit<ProcessRecord, 'state'> & { readonly state: ShownState })[],
): string {
  if (state === undefined) return 'The platform is down.';
  const rows = processes.map((each) => [
    each.name,
    each.kind,
    each.serviceName ?? '-',
    each.state,
    each.process === null ? '-' : String(each.process.pid),
    String(each.restarts),
    each.lastExit ?? '-',
    each.url ?? '-',
  ]);
  const title = ['NAME', 'KIND', 'SERVICE', 'STATE', 'PID', 'RESTARTS', 'LAST EXIT', 'ADDRESS'];
  const headline = supervised
    ? `The platform ${state.platform} is ${state.phase}.`
    : `What ran the platform ${state.platform} was killed; \`signalbox platform down\` ends what is left.`;
  return `${headline}\n${formatTable([title, ...rows])}`;
}
