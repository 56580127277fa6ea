import { environmentLines } from '../snippets.ts';
import type { SnippetOf } from './targets.ts';

/** Coding agents send telemetry of their own, are recorded by hooks, or call their tools through the gateway. */

const RECORDED =
  'npx signalbox setup records its sessions besides, in files whose changes are found.';

export const CODING_AGENTS = {
  'claude-code': ({ endpoint, key }) => ({
    title: 'Claude Code',
    where: 'the shell that starts it',
    code: [
      'export CLAUDE_CODE_ENABLE_TELEMETRY=1',
      'export CLAUDE_CODE_ENHANCED_TELEMETRY_BETA=1',
      'export OTEL_TRACES_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp',
      environmentLines({ endpoint, key }),
      'claude',
    ].join('\n'),
    note: `Traces are a beta of Claude Code; logs and metrics come without that switch. ${RECORDED}`,
    environment: false,
  }),
  codex: ({ endpoint, key }) => {
    const to = (signal: string): string =>
      `{ otlp-http = { endpoint = "${endpoint}/v1/${signal}", protocol = "binary", headers = { "Authorization" = "Bearer ${key}" } } }`;
    return {
      title: 'Codex',
      where: '~/.codex/config.toml',
      code: ['[otel]', `exporter = ${to('logs')}`, `trace_exporter = ${to('traces')}`].join('\n'),
      note: `Prompts are left out unless log_user_prompt = true. ${RECORDED}`,
      environment: false,
    };
  },
  'gemini-cli': ({ endpoint, grpc, key }) => ({
    title: 'Gemini CLI',
    where: 'the shell that starts it',
    code: [
      'export GEMINI_TELEMETRY_ENABLED=true',
      'export GEMINI_TELEMETRY_TARGET=local',
      `export GEMINI_TELEMETRY_OTLP_ENDPOINT=${grpc ?? endpoint}`,
      `export GEMINI_TELEMETRY_OTLP_PROTOCOL=${grpc === undefined ? 'http' : 'grpc'}`,
      `export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${encodeURIComponent(key)}`,
      'export GEMINI_TELEMETRY_LOG_PROMPTS=false',
      'gemini',
    ].join('\n'),
    note: `GEMINI_TELEMETRY_LOG_PROMPTS=true sends prompts, too. ${RECORDED}`,
    environment: false,
  }),
  cursor: ({ endpoint }) => ({
    title: 'Cursor',
    install: 'npx signalbox setup --cli cursor',
    where: '.cursor/mcp.json, for its tool calls through the gateway',
    code: JSON.stringify(
      {
        mcpServers: {
          signalbox: {
            command: 'npx',
            args: [
              'signalbox',
              'gateway',
              '--mcp',
              '--agent',
              'cursor',
              '--config',
              'gateway.yaml',
            ],
          },
        },
      },
      null,
      2,
    ),
    note: `Cursor sends no telemetry of its own: hooks record its sessions, and npx signalbox export --format otlp-genai --semconv latest --endpoint ${endpoint} sends them. Behind the gateway each call of a tool is decided by your policies and is a span.`,
    environment: false,
  }),
} as const satisfies Record<string, SnippetOf>;
