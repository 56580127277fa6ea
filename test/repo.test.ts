import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..');

/** Licences that ask for no more than a notice, so that the product may be shipped by anyone. */
const PERMISSIVE = [
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  '0BSD',
  'Unlicense',
  'CC0-1.0',
];

/** Install scripts that are known to fetch and compile nothing, each with what it does. */
const HARMLESS_SCRIPTS: Readonly<Record<string, string>> = {
  chdb: 'node -e ""',
  protobufjs: 'node scripts/postinstall',
};

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly link?: boolean;
}

const { missingFrom } = createRequire(import.meta.url)('../scripts/complete-lock.js') as {
  /** Optional dependencies without an entry: location of the parent, name, version. */
  readonly missingFrom: (packages: Record<string, LockEntry>) => [string, string, string][];
};

interface Manifest {
  readonly name: string;
  readonly license?: string | { readonly type: string };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}

/** Files under version control and new ones that are not ignored. */
function listProjectFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(path.join(ROOT, file)));
}

const manifest = readJson('package.json') as Manifest;
const lock = (readJson('package-lock.json') as { packages: Record<string, LockEntry> }).packages;
const sdkManifest = readJson('sdk/package.json') as Manifest;
const installed = Object.entries(lock).filter(
  ([location, entry]) => location.startsWith('node_modules/') && !entry.link,
);

describe('dependencies', () => {
  test('package.json names exact versions', () => {
    const named = [manifest, sdkManifest].flatMap(({ dependencies, devDependencies }) =>
      Object.entries({ ...dependencies, ...devDependencies }),
    );
    const ranges = named.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(ranges).toEqual([]);
  });

  test('the lock file pins every package by its hash and names no host', () => {
    expect(installed.length).toBeGreaterThan(100);
    // Other platforms' binaries have no hash where the registry that was asked does not carry them.
    const unpinned = installed.filter(
      ([location, entry]) =>
        !entry.integrity?.startsWith('sha512-') &&
        !(entry.optional && !existsSync(path.join(ROOT, location))),
    );
    expect(unpinned).toEqual([]);
    expect(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(
      /"resolved": "(?!file:|sdk")/,
    );
  });

  test('the lock file has an entry for every platform, or `npm ci` refuses it: see `npm run lock`', () => {
    expect(missingFrom(lock)).toEqual([]);
  });

  // The set-up of a checkout runs no install script at all, but who installs the package may.
  test('no install script that ships fetches or compiles anything', () => {
    const scripts = installed
      .filter(([, entry]) => entry.hasInstallScript && !entry.dev && !entry.devOptional)
      .filter(([location]) => existsSync(path.join(ROOT, location)))
      .map(([location]) => {
        const { name, scripts: own = {} } = readJson(`${location}/package.json`) as Manifest;
        const run = [own['preinstall'], own['install'], own['postinstall']]
          .filter(Boolean)
          .join(' && ');
        return [name, run];
      })
      .filter(([name, run]) => HARMLESS_SCRIPTS[name!] !== run);
    expect(scripts).toEqual([]);
  });

  test('everything that ships has a permissive licence', () => {
    const shipped = installed.filter(
      ([location, entry]) =>
        !entry.dev && !entry.devOptional && existsSync(path.join(ROOT, location)),
    );
    expect(shipped.length).toBeGreaterThan(50);
    const others = shipped
      .map(([location]) => {
        const { license } = readJson(`${location}/package.json`) as Manifest;
        return [
          location,
          typeof license === 'object' ? license.type : (license ?? 'none'),
        ] as const;
      })
      .filter(([, license]) => {
        const choices = license.replaceAll(/[()]/g, '').split(' OR ');
        return !choices.some((choice) =>
          choice.split(' AND ').every((one) => PERMISSIVE.includes(one)),
        );
      });
    expect(others).toEqual([]);
  });
});

describe('files', () => {
  const files = listProjectFiles();
  const texts = files
    .filter((file) =>
      /\.(ts|tsx|js|mjs|cjs|json|md|sql|css|html|py|go|sh|ya?ml)$|^\.ci\//.test(file),
    )
    .filter((file) => file !== 'package-lock.json' && file !== 'test/repo.test.ts')
    .map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }));

  test('nothing is left to do in a comment', () => {
    const left = texts.filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text));
    expect(left.map(({ file }) => file)).toEqual([]);
  });

  test('a suppressed rule says why', () => {
    const silent = texts.flatMap(({ file, text }) =>
      text
        .split('\n')
        .filter(
          (line) =>
            /(ox|es)lint-disable|@ts-(ignore|expect-error)/.test(line) &&
            !/ -- \S|@ts-expect-error \S/.test(line),
        )
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(silent).toEqual([]);
  });

  test('no test is skipped or run alone', () => {
    const marked = texts.filter(
      ({ file, text }) =>
        /\.test\.tsx?$/.test(file) && /\b(test|it|describe)\.(only|skip|todo)\b/.test(text),
    );
    expect(marked.map(({ file }) => file)).toEqual([]);
  });

  test('what is built is not kept under version control', () => {
    expect(
      files.filter((file) => /^(sdk\/)?(dist|coverage|node_modules)\/|\.tgz$/.test(file)),
    ).toEqual([]);
  });

  test('everything that package.json ships and runs exists', () => {
    const named = [
      ...(manifest.files ?? []).filter((file) => file !== 'dist'),
      'ARCHITECTURE.md',
      'AGENTS.md',
    ];
    expect(named.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
    const scripts = Object.values(manifest.scripts ?? {}).flatMap(
      (line) => /\bnode (\S+\.js)/.exec(line)?.[1] ?? [],
    );
    expect(scripts.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  test('every decision is a page that says why and is listed', () => {
    const decisions = texts.filter(({ file }) => file.startsWith('docs/adr/'));
    expect(decisions.length).toBeGreaterThan(0);
    const broken = decisions.filter(
      ({ file, text }) =>
        !/^docs\/adr\/[a-z0-9]+(-[a-z0-9]+)*\.md$/.test(file) ||
        text.split(/\s+/).length > 650 ||
        !/^# \S[^]*\*\*Decision\.\*\*[^]*\*\*Consequences\.\*\*/.test(text),
    );
    expect(broken.map(({ file }) => file)).toEqual([]);
    const architecture = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    const listed = [...architecture.matchAll(/\]\((docs\/adr\/[^)]+)\)/g)].map(
      (match) => match[1]!,
    );
    expect(listed.toSorted()).toEqual(decisions.map(({ file }) => file).toSorted());
  });

  test('every dependency that ships is named in a decision', () => {
    const decisions = texts.filter(({ file }) => file.startsWith('docs/adr/'));
    const words = decisions.map(({ text }) => text.toLowerCase()).join('\n');
    const names = Object.keys({ ...manifest.dependencies, ...sdkManifest.dependencies });
    expect(names.filter((name) => !words.includes(name.toLowerCase()))).toEqual([]);
  });

  test('a file that a text names by its path from the root exists', () => {
    const dead = texts.flatMap(({ file, text }) =>
      [
        ...text.matchAll(
          /(?<![\w./-])(?:docs|src|test|scripts|bench)\/[\w./-]+\.(?:md|ts|js|png)\b/g,
        ),
      ]
        .map((match) => match[0])
        .filter((named) => !existsSync(path.join(ROOT, named)))
        .map((named) => `${file}: ${named}`),
    );
    expect(dead).toEqual([]);
  });
});
