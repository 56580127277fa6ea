/** What a newcomer needs after the server has started; `firstStart` is there on the first start alone. */
export interface Started {
  readonly httpUrl: string;
  readonly grpcAddress: string;
  readonly firstStart?:
    | {
        readonly signInUrl: string;
        /** Absent when the configuration gave it. */
        readonly ingestKey?: string | undefined;
        readonly adminPassword?: string | undefined;
      }
    | undefined;
  /** A new link that was asked for. */
  readonly signIn?: { readonly username: string; readonly signInUrl: string } | undefined;
  /** Whether telemetry from this machine needs a key, too. */
  readonly keyNeeded: boolean;
}

export interface AnnouncementOptions {
  /** Whom the password signs in. */
  readonly adminUsername: string;
  /** Whether the made-up agents run already. */
  readonly demoRuns: boolean;
}

/** Stands for a key that the user has given and need not be shown. */
const GIVEN_KEY = 'sbx_YOUR_KEY';

const DEFAULT_URL = 'http://127.0.0.1:4318';

/**
 * The three variables that every OpenTelemetry SDK reads. Header values are percent-encoded, because
 * the variable's format (W3C Baggage) does not allow a plain space.
 */
export function exporterLines(httpUrl: string, ingestKey: string): string[] {
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${httpUrl}`,
    `export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${encodeURIComponent(ingestKey)}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
  ];
}

/** The text printed once the server accepts telemetry. Its secrets cannot be read again later. */
export function announcement(started: Started, options: AnnouncementOptions): string {
  const { firstStart, grpcAddress, httpUrl, signIn } = started;
  const headline = `Signalbox is at ${httpUrl} (gRPC ${grpcAddress})`;
  if (!firstStart) {
    if (!signIn) return headline;
    const { signInUrl, username } = signIn;
    return `${headline}\n\n  Sign in        ${signInUrl}   (as ${username}; works once, within an hour)`;
  }
  const { ingestKey = GIVEN_KEY } = firstStart;
  const rows = [`  Sign in        ${firstStart.signInUrl}   (works once, within an hour)`];
  if (firstStart.ingestKey !== undefined) {
    rows.push(`  Ingest key     ${firstStart.ingestKey}   (shown once)`);
  }
  if (firstStart.adminPassword !== undefined) {
    rows.push(
      `  Admin password ${firstStart.adminPassword}   (of ${options.adminUsername}; shown once)`,
    );
  }
  return [
    headline,
    '',
    ...rows,
    '',
    'Point any OpenTelemetry SDK at it:',
    '',
    ...exporterLines(httpUrl, ingestKey),
    ...(options.demoRuns ? [] : ['', nothingToPoint(started, ingestKey)]),
  ].join('\n');
}

function nothingToPoint({ httpUrl, keyNeeded }: Started, ingestKey: string): string {
  const url = httpUrl === DEFAULT_URL ? '' : ` --url ${httpUrl}`;
  const command = `npx signalbox demo${url}${keyNeeded ? ` --key ${ingestKey}` : ''}`;
  return `Nothing to point yet? \`${command}\` sends the traffic of a few made-up agents.`;
}
