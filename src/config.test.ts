import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import type { ConfigSources } from './config.ts';
import { configSchema, leavesOf, loadConfig } from './config.ts';
import { AppError } from './errors.ts';

const directory = mkdtempSync(join(tmpdir(), 'signalbox-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function fileWith(text: string): string {
  const path = join(directory, `${files++}.yaml`);
  writeFileSync(path, text);
  return path;
}

const load = (sources: ConfigSources = {}) => loadConfig({ env: {}, ...sources });

/** The lines of what was thrown, without the headline. */
function faultsOf(sources: ConfigSources): string[] {
  try {
    load(sources);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('CONFIG_INVALID');
    return (error as AppError).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  throw new Error('it was accepted');
}

test('without anything given, the defaults of docs/configuration.md hold', () => {
  expect(load()).toMatchObject({
    dataDir: join(homedir(), '.signalbox'),
    logLevel: 'warn',
    http: '127.0.0.1:4318',
    grpc: '127.0.0.1:4317',
    corsOrigins: [],
    trustLoopback: true,
    adminUsername: 'admin',
    pipeline: { requestBytesMax: 64 * 1024 * 1024 },
    storage: { readers: 4 },
  });
});

test('a flag beats the environment, which beats the file, which beats the default', () => {
  const file = fileWith(
    'http: 127.0.0.1:1\ngrpc: 127.0.0.1:1\nlogLevel: info\npipeline:\n  segmentAgeMaxMs: 50\n  digestCapacity: 2000\n',
  );
  const env = {
    SIGNALBOX_HTTP: '127.0.0.1:2',
    SIGNALBOX_GRPC: '127.0.0.1:2',
    SIGNALBOX_PIPELINE_SEGMENT_AGE_MAX_MS: '60',
  };
  const config = load({ file, env, flags: { http: '127.0.0.1:3', grpc: undefined } });
  expect(config).toMatchObject({
    http: '127.0.0.1:3',
    grpc: '127.0.0.1:2',
    logLevel: 'info',
    pipeline: { segmentAgeMaxMs: 60, digestCapacity: 2000 },
    storage: { readers: 4 },
  });
});

test('SIGNALBOX_CONFIG names the file where no flag does, and an empty one none', () => {
  const file = fileWith('logLevel: debug');
  expect(load({ env: { SIGNALBOX_CONFIG: file } }).logLevel).toBe('debug');
  expect(load({ env: { SIGNALBOX_CONFIG: file }, file: fileWith('logLevel: info') }).logLevel).toBe(
    'info',
  );
  expect(load({ env: { SIGNALBOX_CONFIG: '' } }).logLevel).toBe('warn');
  expect(load({ file: fileWith('# nothing yet\n') }).logLevel).toBe('warn');
});

describe('a variable', () => {
  test('is text, a number, a switch or a list, as the setting wants it', () => {
    const config = load({
      env: {
        SIGNALBOX_ADMIN_PASSWORD: '12345678',
        SIGNALBOX_STORAGE_READERS: '2',
        SIGNALBOX_TRUST_LOOPBACK: 'false',
        SIGNALBOX_CORS_ORIGINS: 'https://a.example, http://b.example:8080',
        SIGNALBOX_GRPC: 'off',
      },
    });
    expect(config).toMatchObject({
      adminPassword: '12345678',
      storage: { readers: 2 },
      trustLoopback: false,
      corsOrigins: ['https://a.example', 'http://b.example:8080'],
      grpc: 'off',
    });
    expect(load({ env: { SIGNALBOX_CORS_ORIGINS: '' } }).corsOrigins).toEqual([]);
    expect(load({ env: { SIGNALBOX_CORS_ORIGINS: '*' } }).corsOrigins).toEqual(['*']);
  });

  test('exists for every setting, and no two settings share one', () => {
    const variables = leavesOf(configSchema, []).map(({ variable }) => variable);
    expect(variables).toContain('SIGNALBOX_PIPELINE_SEGMENT_BYTES_MAX');
    expect(new Set(variables).size).toBe(variables.length);
  });

  test('that is no setting is refused, but for those that belong to others', () => {
    const env = {
      SIGNALBOX_HTPP: 'x',
      SIGNALBOX_TEST_X: '1',
      SIGNALBOX_URL: 'u',
      SIGNALBOX_KEY: 'k',
    };
    expect(faultsOf({ env })).toEqual([
      'SIGNALBOX_HTPP is not a setting; did you mean SIGNALBOX_HTTP?',
    ]);
  });
});

test('all faults are said at once, each with its name', () => {
  const file = fileWith(
    'htpp: 1\nlogLevel: loud\npipeline:\n  segmentBytesMax: 1.5\n  oops: 2\nstorage: 7\n',
  );
  const env = {
    SIGNALBOX_STORAGE_READERS: 'many',
    SIGNALBOX_NOPE: '1',
    SIGNALBOX_HTTP: 'localhost',
  };
  expect(faultsOf({ file, env })).toEqual([
    'SIGNALBOX_NOPE is not a setting; docs/configuration.md lists them',
    expect.stringMatching(/^logLevel: .*"warn"/),
    'http: write HOST:PORT, for example 127.0.0.1:4318',
    expect.stringMatching(/^pipeline\.segmentBytesMax: /),
    expect.stringMatching(
      /^pipeline: "oops" is not a setting; there are pipeline\.\w+, .*pipeline\.segmentAgeMaxMs/,
    ),
    expect.stringMatching(/^storage: /),
    'the file: "htpp" is not a setting; did you mean http?',
  ]);
  expect(faultsOf({ env: { SIGNALBOX_STORAGE_READERS: 'many' } })).toEqual([
    expect.stringMatching(/^storage\.readers: .*number/),
  ]);
});

test('a setting without its section, or with marks between its words, is told its name', () => {
  const file = fileWith('segment_bytes_max: 1\nreaders: 2\n');
  expect(faultsOf({ file })).toEqual([
    'the file: "segment_bytes_max" is not a setting; did you mean pipeline.segmentBytesMax?',
    'the file: "readers" is not a setting; did you mean storage.readers?',
  ]);
});

test('a switch is true or false, and says so', () => {
  const expected = ['trustLoopback: write true or false'];
  expect(faultsOf({ env: { SIGNALBOX_TRUST_LOOPBACK: 'yes' } })).toEqual(expected);
  expect(faultsOf({ file: fileWith('trustLoopback: no') })).toEqual(expected);
});

test.each(['4318', 'localhost:', 'localhost:65536', 'http://localhost:1', '::1:4318', 'a b:1'])(
  'refuses the address %j',
  (http) => {
    expect(faultsOf({ flags: { http } })).toEqual([
      'http: write HOST:PORT, for example 127.0.0.1:4318',
    ]);
  },
);

test.each(['localhost:0', '0.0.0.0:4318', '[::1]:4318', 'box.example:65535'])(
  'takes the address %j',
  (http) => {
    expect(load({ flags: { http } }).http).toBe(http);
  },
);

test.each(['https://a.example/', 'a.example', 'https://a.example/x', 'null'])(
  'refuses %j as an origin, which no browser sends so',
  (text) => {
    expect(faultsOf({ file: fileWith(`corsOrigins: ['${text}']`) })).toEqual([
      expect.stringMatching(/^corsOrigins\.0: write an origin/),
    ]);
  },
);

test('a data directory is absolute, and ~ is the home folder', () => {
  expect(load({ flags: { dataDir: 'here' } }).dataDir).toBe(join(process.cwd(), 'here'));
  expect(load({ env: { SIGNALBOX_DATA_DIR: '~/box' } }).dataDir).toBe(join(homedir(), 'box'));
});

test.each(['/data/*', '/a?', '/{a,b}', '/x :: y'])(
  'refuses the data directory %j, which the storage engine would not take literally',
  (dataDir) => {
    expect(faultsOf({ flags: { dataDir } })).toEqual([
      expect.stringMatching(/^dataDir: must not contain \*/),
    ]);
  },
);

test('a file that is missing, no YAML or no settings is refused by its name', () => {
  for (const text of ['- a\n- b', 'just text', 'a: [']) {
    const file = fileWith(text);
    expect(() => load({ file })).toThrow(`cannot read the configuration file ${file}: `);
  }
  expect(() => load({ file: fileWith('- a') })).toThrow('must consist of lines such as `http: ');
  const missing = join(directory, 'missing.yaml');
  expect(() => load({ file: missing })).toThrow(/missing\.yaml: ENOENT/);
});

test('keys of the language are names like any other, and change nothing', () => {
  const file = fileWith(
    '__proto__:\n  polluted: yes\nconstructor: 1\npipeline:\n  __proto__: {polluted: 1}\n',
  );
  expect(faultsOf({ file }).join(' ')).toContain('"constructor"');
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(() => load({ env: { SIGNALBOX___PROTO__: '1' } })).toThrow(/SIGNALBOX___PROTO__ is not/);
});

test('no message shows a secret', () => {
  const secret = 'hunter2-hunter2';
  const broken = [
    { file: fileWith(`adminPassword: "${secret}\nhttp: [`) },
    { file: fileWith(`adminPassword: [${secret}]\nhttp: 1`) },
    { file: fileWith(`adminPassword: ${secret}\nhttp: 1`) },
    { env: { SIGNALBOX_ADMIN_PASSWORD: secret.repeat(200) } },
  ];
  for (const sources of broken) {
    const messages: string[] = [];
    for (let error: unknown = thrownBy(sources); error instanceof Error; error = error.cause) {
      messages.push(error.message);
    }
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.join('\n')).not.toContain('hunter2');
  }
});

function thrownBy(sources: ConfigSources): unknown {
  try {
    return load(sources);
  } catch (error) {
    return error;
  }
}

test('a list of pairs is given as JSON by a variable, and one that is none is refused', () => {
  const rules = [{ spanNamePrefix: 'queue.', exceptionTypes: ['ShutDown'] }];
  const env = (text: string) => ({ SIGNALBOX_PIPELINE_NOISE: text });
  expect(load({ env: env(JSON.stringify(rules)) }).pipeline.noise).toEqual(rules);
  expect(load({ env: env('[]') }).pipeline.noise).toEqual([]);
  expect(faultsOf({ env: env('[{"spanNamePrefix":"queue."') })).toHaveLength(1);
});
