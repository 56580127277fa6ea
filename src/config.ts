import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

import { monitoringConfigSchema } from './analysis/monitoring/config.ts';
import { analysisConfigSchema } from './analysis/config.ts';
import { costsConfigSchema } from './analysis/costs/config.ts';
import { judgeConfigSchema } from './analysis/quality/config.ts';
import { retentionConfigSchema } from './analysis/retention/config.ts';
import { authConfigSchema } from './auth/config.ts';
import { LOG_LEVELS } from './base/log.ts';
import { nearestNames } from './base/nearest-names.ts';
import { AppError, messageOf } from './errors.ts';
import { gatewayConfigSchema } from './gateway/config.ts';
import { pipelineConfigSchema } from './pipeline/config.ts';
import { queryConfigSchema } from './query/config.ts';
import { receiverConfigSchema } from './receiver/config.ts';
import { clickhouseConfigSchema } from './storage/clickhouse/config.ts';

/**
 * All settings. A setting is given, in rising order of weight, by its default, the configuration file, the
 * environment (`pipeline.segmentBytesMax` is `SIGNALBOX_PIPELINE_SEGMENT_BYTES_MAX`), a flag.
 */
export const configSchema = z.strictObject({
  dataDir: z
    .string()
    .min(1)
    .refine(
      (path) => !/[*?{}]|::/.test(path),
      'must not contain *, ?, {, } or ::, which the storage engine takes for patterns',
    )
    .default(join(homedir(), '.signalbox'))
    .describe('Where everything is kept.'),
  logLevel: z
    .enum(LOG_LEVELS)
    .default('warn')
    .describe('The least weighty of what is written to standard error.'),
  ...receiverConfigSchema.shape,
  ...authConfigSchema.shape,
  ...gatewayConfigSchema.shape,
  pipeline: pipelineConfigSchema.prefault({}),
  monitoring: monitoringConfigSchema.prefault({}),
  judge: judgeConfigSchema.prefault({}),
  storage: clickhouseConfigSchema.prefault({}),
  analysis: analysisConfigSchema.prefault({}),
  query: queryConfigSchema.prefault({}),
  costs: costsConfigSchema.prefault({}),
  retention: retentionConfigSchema.prefault({}),
});

export type Config = z.infer<typeof configSchema>;

export interface ConfigSources {
  /** A YAML file; when not named, `signalbox.yaml` in the working directory if there is one. */
  readonly file?: string | undefined;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const PREFIX = 'SIGNALBOX_';
/** Variables of ours that are not settings. */
const NOT_SETTINGS =
  /^SIGNALBOX_(?:TEST_|SESSION_|(?:URL|KEY|CONFIG|AGENT|CHANNEL|NAMESPACE|SERVICE_PREFIX|BAGGAGE_HOSTS)$)/;

/** Throws `CONFIG_INVALID` with every fault, each with its name and what would be right. */
export function loadConfig(sources: ConfigSources = {}): Config {
  const env = sources.env ?? process.env;
  const named = sources.file ?? (env[`${PREFIX}CONFIG`] || undefined);
  const settings = readFile(named);
  const faults: string[] = [];
  const leaves = leavesOf(configSchema, []);
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || NOT_SETTINGS.test(name) || text === undefined) continue;
    const leaf = leaves.find(({ variable }) => variable === name);
    if (leaf === undefined) {
      const near = nearestNames(
        name,
        leaves.map(({ variable }) => variable),
      );
      const remedy = near[0] ? `did you mean ${near[0]}?` : 'docs/configuration.md lists them';
      faults.push(`${name} is not a setting; ${remedy}`);
    } else assign(settings, leaf.path, coerce(leaf.schema, text));
  }
  for (const [name, value] of Object.entries(sources.flags ?? {})) {
    if (value !== undefined) assign(settings, [name], value);
  }
  const parsed = configSchema.safeParse(settings);
  for (const issue of parsed.error?.issues ?? []) {
    const where = issue.path.join('.') || 'the file';
    faults.push(...faultsOf(issue, leaves).map((fault) => `${where}: ${fault}`));
  }
  if (!parsed.success || faults.length > 0) {
    throw new AppError(
      'CONFIG_INVALID',
      `the configuration is not valid:\n  ${faults.join('\n  ')}`,
    );
  }
  return { ...parsed.data, dataDir: resolve(withHome(parsed.data.dataDir)) };
}

/** The environment as it is, for verbs that hand it on to programs that they start. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

function faultsOf(issue: z.core.$ZodIssue, leaves: readonly Leaf[]): string[] {
  if (issue.code === 'invalid_type' && issue.expected === 'boolean') return ['write true or false'];
  if (issue.code !== 'unrecognized_keys') return [issue.message];
  const section = issue.path.map((part) => `${String(part)}.`).join('');
  const inSection = leaves
    .map(({ path }) => path.join('.'))
    .filter((name) => name.startsWith(section));
  return issue.keys.map((key) => `${JSON.stringify(key)} is not a setting; ${remedyFor(key)}`);

  function remedyFor(key: string): string {
    const nameOf = ({ path }: Leaf): string => path.at(-1)!;
    // People leave the section out, too.
    const near = nearestNames(key, leaves.map(nameOf));
    const meant = leaves
      .filter((leaf) => near.includes(nameOf(leaf)))
      .map(({ path }) => path.join('.'));
    if (meant.length > 0) return `did you mean ${meant.join(' or ')}?`;
    return `there are ${inSection.join(', ')}`;
  }
}

/** Only a shell knows `~`, and settings do not come through one. */
function withHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}

function readFile(named: string | undefined): Record<string, unknown> {
  const path = named ?? 'signalbox.yaml';
  if (named === undefined && !existsSync(path)) return {};
  try {
    // Not pretty: an excerpt of the file might show a password.
    const content: unknown = parseYaml(readFileSync(path, 'utf8'), { prettyErrors: false }) ?? {};
    if (typeof content !== 'object' || Array.isArray(content)) {
      throw new TypeError('it must consist of lines such as `http: 127.0.0.1:4318`');
    }
    return content as Record<string, unknown>;
  } catch (error) {
    const message = `cannot read the configuration file ${path}: ${messageOf(error)}`;
    throw new AppError('CONFIG_INVALID', message, { cause: error });
  }
}

export interface Leaf {
  readonly path: readonly string[];
  readonly variable: string;
  readonly schema: z.ZodType;
}

/** Every single setting, with its variable. */
export function leavesOf(schema: z.ZodObject, path: readonly string[]): Leaf[] {
  return Object.entries(schema.shape).flatMap(([name, inner]) => {
    const at = [...path, name];
    const bare = inner instanceof z.ZodPrefault ? inner.unwrap() : inner;
    if (bare instanceof z.ZodObject) return leavesOf(bare, at);
    const variable =
      PREFIX +
      at.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_');
    return [{ path: at, variable, schema: inner as z.ZodType }];
  });
}

/** A variable's text as what the setting wants: text where text is right, else a number, a switch, a list or JSON. */
function coerce(schema: z.ZodType, text: string): unknown {
  if (schema.safeParse(text).success) return text;
  if (/^-?\d+$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text.startsWith('[{') || text.startsWith('[]')) return fromJson(text);
  const list = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return schema.safeParse(list).success ? list : text;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function assign(settings: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (rest.length === 0) {
    settings[name!] = value;
    return;
  }
  const inner = settings[name!] ?? {};
  // What is no group of settings stays, for the schema to refuse.
  if (typeof inner !== 'object' || Array.isArray(inner)) return;
  const object = { ...inner };
  settings[name!] = object;
  assign(object, rest, value);
}
