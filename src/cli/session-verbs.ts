import { Option } from 'commander';
import type { Command } from 'commander';

import { count, days, repeated, seconds, someNumber, webAddress } from './flag-values.ts';
import type { Environment } from './session-place.ts';

const DIR = [
  '--dir <dir>',
  'where sessions are kept (default .signalbox/sessions of the project)',
] as const;
const JSON_FLAG = ['--json', 'as JSON'] as const;
const SINCE = [
  '--since <time>',
  '7d, 24h, a date (UTC) or a time: sessions that started then or later',
] as const;
const UNTIL = ['--until <time>', 'the same, to then; a date belongs to the range'] as const;

/** Verbs that record, show, export and prove sessions of coding agents. Each loads its code when it is called. */
export function addSessionVerbs(program: Command, env: Environment): void {
  addCaptureVerbs(program, env);
  addSessionsVerbs(program, env);
  addExportVerb(program, env);
  addWatchVerb(program, env);
  addBaselineVerbs(program, env);
  addEvidenceVerbs(program, env);
}

function addCaptureVerbs(program: Command, env: Environment): void {
  program
    .command('setup')
    .description('record the sessions of coding agents on this machine: install hooks')
    .addOption(
      new Option('--cli <name>', 'which agent')
        .choices(['claude', 'codex', 'gemini', 'cursor', 'all'])
        .default('all'),
    )
    .option('--global', 'for all projects of this user, not this one alone')
    .option('--remove', 'take the hooks out again')
    .option('--keep-secrets', 'do not redact what looks like a secret')
    .option(...JSON_FLAG)
    .action(async (flags) => (await import('./setup.ts')).setup(flags, env));

  program
    .command('hook')
    .description('called by a coding agent: record what standard input tells of, and never fail')
    .argument('<event>', 'session-start, pre-tool, post-tool, stop and others')
    .option('--provider <name>', 'claude, codex, gemini or cursor', 'claude')
    .option(...DIR)
    .option('--keep-secrets', 'do not redact what looks like a secret')
    .action(
      async (event: string, flags: { provider: string; dir?: string; keepSecrets?: true }) => {
        const { hook } = await import('./hook.ts');
        const dir = flags.dir === undefined ? [] : ['--dir', flags.dir];
        const keep = flags.keepSecrets ? ['--keep-secrets'] : [];
        hook(['--provider', flags.provider, ...dir, ...keep, event], env);
      },
    );

  program
    .command('record')
    .description('run an MCP server and record what passes between it and its client')
    .argument('<command...>', 'the server, after --')
    .option('--name <name>', 'what to call the agent')
    .option('--parent <session>', 'the session that this one belongs to')
    .option('--keep-secrets', 'do not redact what looks like a secret')
    .option(...DIR)
    .action(async (command: string[], flags) =>
      (await import('./record.ts')).record(command, flags, env),
    );

  program
    .command('record-http')
    .description('stand before an MCP server over HTTP and record what passes')
    .requiredOption('--url <url>', 'address of the server', webAddress)
    .option('--port <port>', 'where to listen on this machine', count(65_535), 5100)
    .option('--name <name>', 'what to call the agent')
    .option('--keep-secrets', 'do not redact what looks like a secret')
    .option(...DIR)
    .action(async (flags) => (await import('./record-http.ts')).recordHttp(flags, env));

  program
    .command('import')
    .description("read a coding agent's own transcripts into sessions")
    .argument('[file...]', 'transcripts of Claude Code, Codex or Gemini CLI')
    .option('--discover', 'find those of this user')
    .option('--keep-secrets', 'do not redact what looks like a secret')
    .option(...JSON_FLAG)
    .option(...DIR)
    .action(async (files: string[], flags) =>
      (await import('./import.ts')).importSessions(files, flags, env),
    );
}

function addSessionsVerbs(program: Command, env: Environment): void {
  const sessions = program.command('sessions').description('show and keep recorded sessions');
  const load = async () => await import('./sessions.ts');
  const id = ['[id]', 'a session, or the beginning of its id (default the latest)'] as const;
  sessions
    .command('list')
    .description('list sessions, the latest last')
    .option(...SINCE)
    .option(...UNTIL)
    .option(...JSON_FLAG)
    .option(...DIR)
    .action(async (flags) => (await load()).listRecorded(flags, env));
  for (const [verb, description] of [
    ['show', 'show a session and its figures'],
    ['replay', 'print the events of a session'],
    ['tree', 'print a session with its sub-agents and tool calls'],
    ['stats', "count a session's tools, models and files"],
    ['cost', "reckon a session's cost by model"],
  ] as const) {
    sessions
      .command(verb)
      .description(description)
      .argument(...id)
      .option(...JSON_FLAG)
      .option(...DIR)
      .action(async (word: string | undefined, flags) =>
        (await load()).showRecorded(verb, word, flags, env),
      );
  }
  sessions
    .command('annotate')
    .description('add a note to a session; it is kept beside the record and is no part of it')
    .argument('<id>')
    .argument('<note>')
    .option('--event <id>', 'the event that it is about')
    .option('--by <name>', 'who says so')
    .option(...DIR)
    .action(async (word: string, note: string, flags) =>
      (await load()).annotate(word, note, flags, env),
    );
  sessions
    .command('prune')
    .description('delete old sessions')
    .requiredOption('--older-than <time>', '90d, or a date: those that started before')
    .option('--dry-run', 'only tell which')
    .option(...JSON_FLAG)
    .option(...DIR)
    .action(async (flags) => (await load()).prune(flags, env));
}

function addExportVerb(program: Command, env: Environment): void {
  program
    .command('export')
    .description('send a session out as OpenTelemetry, or write it as a document')
    .argument('[id]', 'a session, or the beginning of its id (default the latest)')
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices(['otlp', 'otlp-genai', 'json', 'csv', 'eu-ai-act'])
        .default('otlp'),
    )
    .addOption(
      new Option('--semconv <version>', "with otlp-genai: today's conventions").choices(['latest']),
    )
    .option(
      '--endpoint <url>',
      'where to send; /v1/traces is added (default OTEL_EXPORTER_OTLP_ENDPOINT)',
    )
    .option('--header <header>', '"Name: value", sent along; may be repeated', repeated)
    .addOption(
      new Option('--protocol <protocol>', 'how to encode').choices(['http/json', 'http/protobuf']),
    )
    .option('--service-name <name>', 'service.name of the spans', 'signalbox')
    .option(...SINCE)
    .option(...UNTIL)
    .option('--all', 'all sessions')
    .option(
      '--output <file>',
      'write to a file (default standard output, when nothing says where to send)',
    )
    .option('--scores', 'with --backend langfuse: evaluation scores as well')
    .option('--metrics', 'figures of sessions as gauges')
    .addOption(new Option('--backend <name>', 'what receives').choices(['otlp', 'langfuse']))
    .option('--metric-prefix <prefix>', 'what the names of gauges begin with', 'signalbox')
    .option(
      '--langfuse-host <url>',
      'a Langfuse of your own (default https://cloud.langfuse.com)',
      webAddress,
    )
    .option('--langfuse-public-key <key>', 'instead of LANGFUSE_PUBLIC_KEY')
    .option('--langfuse-secret-key <key>', 'instead of LANGFUSE_SECRET_KEY')
    .option('--retention-days <days>', 'eu-ai-act: how long records are kept', days)
    .option('--system-description <text>', 'eu-ai-act: what the system is')
    .option('--intended-purpose <text>', 'eu-ai-act: what it is for')
    .option('--digests', 'eu-ai-act: hashes in place of content')
    .option(...DIR)
    .action(async (id: string | undefined, flags) =>
      (await import('./export.ts')).exportSessions(id, flags, env),
    );
}

function addWatchVerb(program: Command, env: Environment): void {
  program
    .command('watch')
    .description('follow a session: stream its spans, and hold it to limits')
    .argument('[id]', 'a session, or the beginning of its id (default the latest, or the next one)')
    .option('--stream-to <url>', 'post OTLP to exactly this URL', webAddress)
    .option('--stream-batch-size <n>', 'send after so many spans', count(10_000), 10)
    .option('--stream-flush-interval <s>', 'send after so many seconds', seconds, 5)
    .option('--header <header>', '"Name: value", sent along; may be repeated', repeated)
    .addOption(
      new Option('--format <format>', 'names of the spans')
        .choices(['otlp', 'otlp-genai', 'latest'])
        .default('otlp'),
    )
    .option('--service-name <name>', 'service.name of the spans', 'signalbox')
    .option('--max-cost <usd>', 'a limit in US dollars', someNumber)
    .option('--max-duration <s>', 'a limit in seconds', someNumber)
    .option('--max-retries <n>', 'a limit of calls of the same tool in a row', count(1_000_000))
    .option(
      '--loop-threshold <n>',
      'a limit of calls of a tool with the same arguments',
      count(1_000_000),
    )
    .addOption(
      new Option('--on-violation <what>', 'what to do beyond a limit')
        .choices(['report', 'pause', 'kill'])
        .default('report'),
    )
    .option('--pid <pid>', 'the process to pause or kill', count(2 ** 31))
    .option('--once', 'read what there is and stop')
    .option(...DIR)
    .action(async (id: string | undefined, flags) =>
      (await import('./watch.ts')).watch(id, flags, env),
    );
}

function addBaselineVerbs(program: Command, env: Environment): void {
  const baseline = program.command('baseline').description('compare sessions with what is usual');
  const load = async () => await import('./baseline.ts');
  baseline
    .command('update')
    .description('reckon the baseline from the latest ended sessions')
    .option('--sessions <n>', 'from so many', count(100_000), 50)
    .option(...JSON_FLAG)
    .option(...DIR)
    .action(async (flags) => (await load()).updateBaseline(flags, env));
  baseline
    .command('show')
    .description('print the baseline')
    .option(...JSON_FLAG)
    .option(...DIR)
    .action(async (flags) => (await load()).showBaseline(flags, env));
  baseline
    .command('check')
    .description('compare a session; exit 0 when usual, 1 when not, 2 when nobody can tell')
    .argument('[id]', 'a session, or the beginning of its id (default the latest)')
    .option('--threshold <n>', 'so many standard deviations are still usual', someNumber, 2)
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .option(...DIR)
    .action(async (id: string | undefined, flags) => (await load()).checkSession(id, flags, env));
}

function addEvidenceVerbs(program: Command, env: Environment): void {
  program
    .command('verify')
    .description('recompute the hashes of a session or of an exported package')
    .argument('[id]', 'a session, or the beginning of its id (default the latest)')
    .option('--all', 'every session')
    .option('--from-export <file>', 'a package written by export --format eu-ai-act')
    .option('--public-key <hex>', 'who must have signed')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .option(...DIR)
    .action(async (id: string | undefined, flags) =>
      (await import('./verify.ts')).verify(id, flags, env),
    );
  program
    .command('audit-readiness')
    .description('tell whether the sessions would stand a review')
    .option('--retention-days <days>', 'how long records must be kept', days, 90)
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .option(...DIR)
    .action(async (flags) => (await import('./audit-readiness.ts')).auditReadiness(flags, env));
}
