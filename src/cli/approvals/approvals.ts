import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { AppError } from '../../errors.ts';
import { showHidden } from '../../model/visible-characters.ts';
import { askGateway, findGateway, type GatewayAddressFlags } from '../gateway-address.ts';
import { oneLine } from '../terminal.ts';

export interface ApprovalFlags extends GatewayAddressFlags {
  readonly json?: true;
}

export interface ListFlags extends ApprovalFlags {
  readonly status?: string;
  readonly tool?: string;
  readonly all?: true;
}

export interface DecideFlags extends ApprovalFlags {
  readonly reason?: string;
  readonly by?: string;
}

/** An approval, as the gateway tells of it. */
interface ApprovalView {
  readonly id: string;
  readonly agent_id: string;
  readonly tool: string;
  readonly params: unknown;
  readonly policy_rule: string;
  readonly status: string;
  readonly created_at: string;
  readonly remaining?: string;
  readonly resolved_by?: string;
  readonly injection_risk: boolean;
  /** Why approving it asks for a reason; of calls that wait. */
  readonly dangers?: readonly string[];
}

const WATCH_MS = 1_000;
/** Enough of an id to tell it from others. */
const ID_SHOWN = 16;

/** `signalbox approvals list`. */
export async function list(flags: ListFlags): Promise<void> {
  const query = new URLSearchParams();
  if (!flags.all) query.set('status', flags.status ?? 'pending');
  if (flags.tool !== undefined) query.set('tool', flags.tool);
  const found = await askGateway<ApprovalView[]>(
    findGateway(flags),
    'GET',
    `/approvals?${query.toString()}`,
  );
  if (flags.json) {
    console.log(JSON.stringify(found, null, 2));
    return;
  }
  if (found.length === 0) console.error('Nothing waits for a decision.');
  for (const approval of found) console.log(lineOf(approval));
}

/** `signalbox approvals show`. */
export async function show(id: string, flags: ApprovalFlags): Promise<void> {
  const path = `/approvals/${encodeURIComponent(id)}`;
  const approval = await askGateway<ApprovalView>(findGateway(flags), 'GET', path);
  console.log(flags.json ? JSON.stringify(approval, null, 2) : detailOf(approval));
}

/** `signalbox approvals approve|deny`. */
export async function decide(
  id: string,
  decision: 'approve' | 'deny',
  flags: DecideFlags,
): Promise<void> {
  const gateway = findGateway(flags);
  const path = `/approvals/${encodeURIComponent(id)}`;
  const given = flags.reason?.trim() || undefined;
  const reason =
    decision === 'approve' && given === undefined
      ? await reasonFor(await askGateway<ApprovalView>(gateway, 'GET', path), flags)
      : given;
  const body = bodyOf({ ...flags, reason });
  const answer = await askGateway<{ id: string; status: string }>(
    gateway,
    'POST',
    `${path}/${decision}`,
    body,
  );
  console.log(flags.json ? JSON.stringify(answer) : `${answer.id} ${answer.status}`);
}

/** `signalbox approvals watch`: asks about each call that waits, on a terminal; prints each as a line elsewhere. */
export async function watch(flags: DecideFlags): Promise<void> {
  const gateway = findGateway(flags);
  const seen = new Set<string>();
  const interactive = isInteractive(flags);
  console.error('Waiting for calls to decide about; Ctrl-C ends.');
  for (;;) {
    const pending = await askGateway<ApprovalView[]>(gateway, 'GET', '/approvals?status=pending');
    for (const approval of pending.toReversed()) {
      if (seen.has(approval.id)) continue;
      seen.add(approval.id);
      if (!interactive) {
        console.log(flags.json ? JSON.stringify(approval) : lineOf(approval));
        continue;
      }
      console.log(detailOf(approval));
      const decision = await ask();
      if (decision === undefined) continue;
      const reason = decision === 'approve' ? await reasonFor(approval, flags) : undefined;
      const path = `/approvals/${approval.id}/${decision}`;
      const body = bodyOf({ ...flags, reason });
      await askGateway(gateway, 'POST', path, body).catch((error: unknown) => {
        // Somebody else was faster, the time was up, or it has become dangerous since.
        const isPassing = error instanceof AppError && PASSING.has(error.code);
        if (!isPassing) throw error;
        console.error(error.message);
      });
    }
    await delay(WATCH_MS);
  }
}

const PASSING: ReadonlySet<string> = new Set(['CONFLICT', 'VALIDATION_ERROR']);

const isInteractive = ({ json }: ApprovalFlags): boolean =>
  process.stdin.isTTY && process.stdout.isTTY && !json;

/** Why a dangerous call may run, asked for on a terminal; undefined for a call like any other. Throws `VALIDATION_ERROR`. */
async function reasonFor(
  { dangers = [] }: Pick<ApprovalView, 'dangers'>,
  flags: DecideFlags,
): Promise<string | undefined> {
  if (dangers.length === 0) return undefined;
  if (!isInteractive(flags)) {
    const why = `approving this call asks for a reason: ${dangers.join(' ')}`;
    throw new AppError('VALIDATION_ERROR', `${why} Say with --reason why it may run.`);
  }
  for (const danger of dangers) console.log(oneLine(danger));
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    for (;;) {
      const reason = (await terminal.question('Why may it run? ')).trim();
      if (reason !== '') return reason;
    }
  } finally {
    terminal.close();
  }
}

async function ask(): Promise<'approve' | 'deny' | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    for (;;) {
      const answer = await terminal.question('[a]pprove, [d]eny or [s]kip? ');
      const letter = answer.trim().toLowerCase()[0];
      if (letter === 'a') return 'approve';
      if (letter === 'd') return 'deny';
      if (letter === 's') return undefined;
    }
  } finally {
    terminal.close();
  }
}

const bodyOf = ({
  reason,
  by,
}: {
  readonly reason?: string | undefined;
  readonly by?: string;
}) => ({
  ...(by === undefined ? {} : { resolved_by: by }),
  ...(reason === undefined ? {} : { reasoning: reason }),
});

function lineOf({ id, status, agent_id: agent, tool, remaining = '' }: ApprovalView): string {
  const cells = [id.slice(0, ID_SHOWN), status.padEnd(8), agent, tool, remaining];
  return cells.map(oneLine).join('  ').trimEnd();
}

function dangersRow({
  dangers,
  injection_risk: risky,
}: ApprovalView): (readonly [string, string])[] {
  if (dangers !== undefined) return dangers.map((danger) => ['danger', danger]);
  return risky ? [['danger', 'its arguments look like an injection']] : [];
}

/** All of it: what is approved must have been seen. */
function detailOf(approval: ApprovalView): string {
  const rows: (readonly [string, string])[] = [
    ['id', approval.id],
    ['agent', approval.agent_id],
    ['tool', approval.tool],
    ['rule', approval.policy_rule],
    ['status', `${approval.status}${approval.resolved_by ? ` by ${approval.resolved_by}` : ''}`],
    ['asked', `${approval.created_at}${approval.remaining ? `, ${approval.remaining} left` : ''}`],
    ...dangersRow(approval),
  ];
  const params = showHidden(JSON.stringify(approval.params, null, 2));
  return [
    ...rows.map(([name, value]) => `${name.padEnd(8)}${oneLine(value)}`),
    `params  ${params}`,
  ].join('\n');
}
