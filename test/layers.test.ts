import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..');

/**
 * Which room may import which, besides itself, `base` and `errors.ts`: the table of ARCHITECTURE.md.
 * A room is a folder of src/ or a single file directly in it.
 */
const ROOMS: Readonly<Record<string, readonly string[] | 'anything' | 'configs'>> = {
  'main.ts': 'anything',
  'main-quality.ts': 'anything',
  'main-queries.ts': 'anything',
  'main-monitoring.ts': 'anything',
  'main-analysis.ts': 'anything',
  'main-doors.ts': 'anything',
  'main-ingest.ts': 'anything',
  'main-gateway.ts': 'anything',
  'main-server-gateway.ts': 'anything',
  'main-gateways.ts': 'anything',
  'ingest-thread.ts': 'anything',
  'query-thread.ts': 'anything',
  'config.ts': 'configs',
  'errors.ts': [],
  base: [],
  model: [],
  semconv: ['model'],
  otlp: ['model', 'semconv'],
  pipeline: ['model', 'otlp'],
  receiver: ['pipeline', 'otlp', 'auth', 'model'],
  storage: ['model'],
  'storage/clickhouse': ['storage', 'model'],
  'storage/relational': ['storage', 'model'],
  analysis: ['storage', 'semconv', 'model'],
  query: ['storage', 'semconv', 'model'],
  auth: ['storage', 'model'],
  exporter: ['otlp', 'model'],
  gateway: ['exporter', 'storage', 'auth', 'model'],
  session: ['exporter', 'semconv', 'model'],
  platform: ['model'],
  api: ['query', 'analysis', 'auth', 'storage', 'model'],
  cli: ['session', 'gateway', 'platform', 'exporter', 'otlp', 'model'],
};

/** What one file may import beyond its room's row. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  'cli/serve.ts': ['main.ts', 'config.ts'],
  'cli/gateway.ts': ['main-gateway.ts', 'config.ts'],
  'cli/gateway-key.ts': ['main-gateway.ts', 'config.ts'],
  'cli/gateway-address.ts': ['config.ts'],
  'cli/gateway-discover.ts': ['config.ts'],
  'cli/policy/policy.ts': ['config.ts'],
  'cli/platform.ts': ['config.ts'],
};

const DOORS = ['receiver', 'api', 'gateway', 'cli'];

/** Packages that belong to one room or file; everything else may be imported anywhere. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  chdb: ['storage/clickhouse/engine-embedded.ts'],
  '@clickhouse/client': ['storage/clickhouse'],
  kysely: ['storage/relational'],
  libsql: ['storage/relational'],
  pg: ['storage/relational'],
  '@grpc/grpc-js': ['receiver'],
  commander: ['cli'],
  jose: ['auth'],
  nodemailer: ['analysis/alerts'],
  re2js: ['gateway', 'analysis', 'query'],
  '@prometheus-io/lezer-promql': ['query/promql'],
  '@modelcontextprotocol/client': ['gateway'],
  '@modelcontextprotocol/server': ['gateway'],
  '@modelcontextprotocol/node': ['gateway'],
  '@pydantic/genai-prices': ['semconv/price-library.ts'],
  '@swc/wasm-typescript': ['platform/strip-types.ts'],
};

/** Rooms without I/O: no package that does any, so that a browser can load them. */
const PURE_ROOMS = ['model', 'semconv'];
/** Packages that do none. */
const PURE_PACKAGES = ['@pydantic/genai-prices'];

const BANNED_FOLDERS = ['utils', 'util', 'helpers', 'common', 'shared', 'lib', 'core', 'services'];
const BANNED_FILES = [
  'types.ts',
  'constants.ts',
  'utils.ts',
  'helpers.ts',
  'index.ts',
  'index.tsx',
];

interface Source {
  /** Path below src/ (or web/), with forward slashes. */
  readonly file: string;
  /** Text without comments. */
  readonly code: string;
  /** Specifiers of static, dynamic and worker imports. */
  readonly imports: readonly string[];
}

const IMPORTS = [
  /\bfrom\s*['"]([^'"]+)['"]/g,
  /\bimport\s*['"]([^'"]+)['"]/g,
  /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
];

/** A worker's file, named as it is called once built. */
const WORKER = /\bnew URL\(\s*['"](\.[^'"]+)\.js['"]\s*,\s*import\.meta\.url/g;

function importsOf(code: string): string[] {
  const named = IMPORTS.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]!));
  return [...named, ...[...code.matchAll(WORKER)].map((match) => `${match[1]}.ts`)];
}

function readSources(folder: string): Source[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => /\.tsx?$/.test(file) && !/(^|\/)(node_modules|generated)\//.test(file))
    .map((file) => {
      const code = readFileSync(path.join(ROOT, folder, file), 'utf8')
        .replaceAll(/\/\*[\s\S]*?\*\//g, '')
        .replaceAll(/(^|\s)\/\/.*$/gm, '$1');
      return {
        file,
        code,
        imports: importsOf(code),
      };
    });
}

const isTest = ({ file }: Source): boolean => /\.(test|bench)\.tsx?$|^testing\//.test(file);

function roomOf(file: string): string {
  const parts = file.split('/');
  const nested = parts.slice(0, 2).join('/');
  return parts.length > 2 && nested in ROOMS ? nested : parts[0]!;
}

/** The files below src/ that `source` imports by a relative path. */
function targetsOf(source: Source): string[] {
  return source.imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => path.posix.join(path.posix.dirname(source.file), specifier));
}

function packageOf(specifier: string): string | undefined {
  if (/^(\.|node:)/.test(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isAllowed(source: Source, target: string): boolean {
  const [from, to] = [roomOf(source.file), roomOf(target)];
  const rule = ROOMS[from];
  if (from === to || to === 'base' || to === 'errors.ts' || rule === 'anything') return true;
  if (FILES[source.file]?.includes(to)) return true;
  if (rule === 'configs') return target.endsWith('/config.ts');
  return rule?.includes(to) ?? false;
}

const everything = readSources('src');
const product = everything.filter(
  (source) => !isTest(source) && !/(^|\/)conformance[^/]*\.ts$/.test(source.file),
);

describe('the rooms of src', () => {
  test('every file stands in a room of the table', () => {
    expect(product.map(({ file }) => file).filter((file) => !(roomOf(file) in ROOMS))).toEqual([]);
  });

  test('a room imports only what its row allows', () => {
    const broken = product.flatMap((source) =>
      targetsOf(source)
        .filter((target) => !isAllowed(source, target))
        .map((target) => `${source.file} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('a relative import stays inside src', () => {
    const broken = product.flatMap((source) =>
      targetsOf(source)
        .filter((target) => target.startsWith('../'))
        .map((target) => `${source.file} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('doors never import each other', () => {
    const rows = DOORS.flatMap((door) =>
      DOORS.filter((other) => other !== door && ROOMS[door]!.includes(other)).map(
        (other) => `${door} → ${other}`,
      ),
    );
    // The command line runs the gateway's verbs in its own process; it reaches no other door.
    expect(rows).toEqual(['cli → gateway']);
  });

  test('no room reaches itself through others', () => {
    const next = (room: string): readonly string[] => {
      const rule = ROOMS[room];
      return Array.isArray(rule) ? (rule as readonly string[]) : [];
    };
    const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
      next(from).some((room) => {
        if (room === goal) return true;
        if (seen.has(room)) return false;
        seen.add(room);
        return reaches(room, goal, seen);
      });
    expect(Object.keys(ROOMS).filter((room) => reaches(room, room))).toEqual([]);
  });

  test('relative imports name the .ts file itself', () => {
    const broken = everything.flatMap(({ file, imports }) =>
      imports
        .filter((name) => name.startsWith('.') && !/\.(ts|tsx|json|css|svg)$/.test(name))
        .map((name) => `${file}: ${name}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('what belongs to one place', () => {
  test.each(Object.entries(PACKAGES))('%s is imported only in %j', (name, homes) => {
    const strangers = product
      .filter(({ imports }) => imports.some((specifier) => packageOf(specifier) === name))
      .map(({ file }) => file)
      .filter((file) => !homes.some((home) => file === home || file.startsWith(`${home}/`)));
    expect(strangers).toEqual([]);
  });

  test('model and semconv import no package that does I/O and nothing of Node', () => {
    const broken = product
      .filter(({ file }) => PURE_ROOMS.includes(roomOf(file)))
      .flatMap(({ file, imports }) =>
        imports
          .filter((name) => !name.startsWith('.') && !PURE_PACKAGES.includes(name))
          .map((name) => `${file}: ${name}`),
      );
    expect(broken).toEqual([]);
  });

  test('process.env is read only in config.ts', () => {
    const readers = product.filter(({ code }) =>
      /\bprocess\s*\.\s*env\b|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(code),
    );
    expect(readers.map(({ file }) => file).filter((file) => file !== 'config.ts')).toEqual([]);
  });

  test('console is used only in cli', () => {
    const users = product.filter(({ code }) => /\bconsole\s*\./.test(code));
    expect(users.map(({ file }) => file).filter((file) => !file.startsWith('cli/'))).toEqual([]);
  });

  test('SQL is written only in storage', () => {
    const statement =
      /['"`]\s*(SELECT\s[\s\S]+?\sFROM\s|INSERT\s+INTO\s|CREATE\s+TABLE\s|ALTER\s+TABLE\s|DELETE\s+FROM\s)/;
    const writers = product.filter(({ code }) => statement.test(code));
    expect(writers.map(({ file }) => file).filter((file) => !file.startsWith('storage/'))).toEqual(
      [],
    );
  });
});

describe('sdk', () => {
  const sources = readSources('sdk/src');
  const shipped = sources.filter((source) => !isTest(source));

  test('imports its own files, OpenTelemetry and Node only', () => {
    const broken = shipped.flatMap(({ file, imports }) =>
      imports
        .filter((name) => !/^(\.\/[\w-]+\.ts$|@opentelemetry\/|node:)/.test(name))
        .map((name) => `${file}: ${name}`),
    );
    expect(broken).toEqual([]);
  });

  test('reaches the SDK of OpenTelemetry through the pipeline alone', () => {
    const pipeline = ['telemetry-pipeline.ts', 'otlp-exporters.ts', 'http-instrumentation.ts'];
    const broken = shipped
      .filter(({ file }) => !pipeline.includes(file))
      .flatMap(({ file, code }) =>
        [...code.matchAll(/import (?!type)[^;]*? from '(@opentelemetry\/[^']+)'/g)]
          .map((match) => match[1]!)
          .filter((name) => !/^@opentelemetry\/api(-logs)?$/.test(name))
          .map((name) => `${file}: ${name}`),
      );
    expect(broken).toEqual([]);
  });

  test('reads the environment in one file', () => {
    const readers = shipped.filter(({ code }) => /\bprocess\.env\b/.test(code));
    expect(readers.map(({ file }) => file)).toEqual(['init-telemetry.ts']);
  });
});

describe('names', () => {
  const files = [
    ...everything.map(({ file }) => `src/${file}`),
    ...readSources('sdk/src').map(({ file }) => `sdk/src/${file}`),
    ...readSources('web').map(({ file }) => `web/${file}`),
  ];

  test('no file or folder has a name that says nothing', () => {
    const bad = files.filter((file) => {
      const parts = file.split('/');
      return (
        BANNED_FILES.includes(parts.at(-1)!) ||
        parts.slice(0, -1).some((part) => BANNED_FOLDERS.includes(part))
      );
    });
    expect(bad).toEqual([]);
  });

  test('files are kebab-case, React components PascalCase', () => {
    const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|config))?\.ts$/;
    const component = /^([A-Z][A-Za-z0-9]*|[a-z0-9]+(-[a-z0-9]+)*)(\.test)?\.tsx$/;
    const bad = files.filter((file) => {
      const base = file.split('/').at(-1)!;
      return !(file.endsWith('.tsx') ? component : name).test(base) && !base.endsWith('.d.ts');
    });
    expect(bad).toEqual([]);
  });
});

describe('web', () => {
  test('imports model and its own files only', () => {
    const broken = readSources('web')
      .filter((source) => !isTest(source) && !source.file.endsWith('.config.ts'))
      .flatMap((source) =>
        source.imports
          .filter((name) => name.startsWith('.'))
          .map((name) => path.posix.join('web', path.posix.dirname(source.file), name))
          .filter((target) => !/^(web|src\/model)\//.test(target))
          .map((target) => `${source.file} imports ${target}`),
      );
    expect(broken).toEqual([]);
  });
});
