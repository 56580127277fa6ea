import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { AppError, messageOf } from '../errors.ts';
import { gatewayFileSchema, type GatewayFile } from './gateway-file.ts';
import { checkPolicies, issueText, parsePolicy, parseYamlFile } from './policy/parse-policies.ts';
import type { Policy } from './policy/policy-schema.ts';

export interface LoadedGatewayFile {
  /** Absolute. */
  readonly path: string;
  readonly config: GatewayFile;
  /** Those of the file, then those of `policy_dir` in the order of their files' names. */
  readonly policies: readonly Policy[];
  /** The file that each policy stands in, by its name. */
  readonly fileOf: ReadonlyMap<string, string>;
  /** What to watch for changes of the policies. */
  readonly watched: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the file and the policies that it names. `${NAME}` stands for a variable of the environment, so that secrets
 * need not stand in the file. Paths are relative to the file. Throws `CONFIG_INVALID` or `POLICY_INVALID`.
 */
export function loadGatewayFile(file: string, env: Environment): LoadedGatewayFile {
  const path = resolve(file);
  const folder = dirname(path);
  const content = withVariables(parseYamlFile(readText(path), file) ?? {}, env);
  const parsed = gatewayFileSchema.safeParse(content);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'the file'}: ${issueText(issue)}`,
    );
    throw new AppError('CONFIG_INVALID', `${file} is not valid:\n  ${faults.join('\n  ')}`);
  }
  const config = withAbsolutePaths(parsed.data, folder);
  requireDistinctNames(config, file);
  const more = config.policy_dir === undefined ? [] : readPolicies(config.policy_dir);
  const policies = checkPolicies([...config.policies, ...more.map(({ policy }) => policy)], file);
  const fileOf = new Map(config.policies.map(({ name }) => [name, path]));
  for (const each of more) fileOf.set(each.policy.name, each.path);
  const watched = [path, ...(config.policy_dir === undefined ? [] : [config.policy_dir])];
  return { path, config, policies, fileOf, watched };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** One policy a file; a folder that is not there holds none. */
function readPolicies(folder: string): { readonly policy: Policy; readonly path: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      return { policy: parsePolicy(parseYamlFile(readText(path), path), path), path };
    });
}

const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g;

function withVariables(value: unknown, env: Environment): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(VARIABLE, (_, name: string) => {
      const text = env[name];
      if (text !== undefined) return text;
      throw new AppError('CONFIG_INVALID', `the variable ${name} is named and not set; set it`);
    });
  }
  if (Array.isArray(value)) return value.map((item) => withVariables(item, env));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    // Policies are about calls; what looks like a variable there is meant as it stands.
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'policies' ? inner : withVariables(inner, env),
    ]),
  );
}

const isAddress = (text: string): boolean => /^https?:\/\//.test(text);

function withAbsolutePaths(config: GatewayFile, folder: string): GatewayFile {
  const at = <T extends string | undefined>(path: T): T =>
    (path === undefined ? path : resolve(folder, path)) as T;
  const { otel_endpoint: endpoint } = config;
  const isFile = endpoint !== undefined && endpoint !== 'stdout' && !isAddress(endpoint);
  return {
    ...config,
    data_dir: at(config.data_dir),
    trace_file: at(config.trace_file),
    policy_dir: at(config.policy_dir),
    otel_endpoint: isFile ? at(endpoint) : endpoint,
    openapi: config.openapi.map((api) => ({ ...api, file: at(api.file) })),
    mcp_servers: config.mcp_servers.map((server) => ({ ...server, cwd: at(server.cwd) })),
    cli_tools: config.cli_tools.map((tool) => ({ ...tool, working_dir: at(tool.working_dir) })),
  };
}

/** Names stand before tools' names, so that two of one name would hide each other's tools. */
function requireDistinctNames(config: GatewayFile, file: string): void {
  const names = [...config.mcp_servers, ...config.cli_tools, ...config.openapi].flatMap(
    ({ name }) => name ?? [],
  );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new AppError('CONFIG_INVALID', `${file} names two tools' servers ${twice}; rename one`);
}
