import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  findSecrets,
  isSecretName,
  redactBeginning,
  redactJson,
  redactJsonBeginning,
  redactText,
} from './secrets.ts';

/** Joined here, so that no scanner takes the test for a leak. */
const key = (...parts: string[]): string => parts.join('');
const random40 = 'q7Rt2ZpLx9VbN4mKc8WdFs3HgYj6TaQe1UoIr5Xz';
const hex40 = '9f8b3c1d7e2a4f6b5c0d8e1f2a3b4c5d6e7f8a9b';

const SECRETS: readonly (readonly [string, string])[] = [
  ['anthropic_key', key('sk-ant-', 'api03-', random40, 'AA')],
  ['openai_key', key('sk-', 'proj-', random40)],
  ['openai_key', key('sk-', random40)],
  ['github_token', key('gh', 'p_', random40.slice(0, 36))],
  ['github_token', key('github', '_pat_', '11ABCDEFG0', random40)],
  ['gitlab_token', key('gl', 'pat-', random40.slice(0, 20))],
  ['slack_token', key('xox', 'b-', '123456789012-1234567890123-', random40.slice(0, 24))],
  [
    'slack_webhook',
    key('hooks.slack', '.com/services/T0AB12CD3/B0EF45GH6/', random40.slice(0, 24)),
  ],
  ['aws_access_key', key('AK', 'IA', 'Y3FDL2QX7WPZ5TNB')],
  ['gcp_key', key('AI', 'za', random40.slice(0, 35))],
  ['gcp_token', key('ya', '29.', random40)],
  ['azure_secret', key('abc', '8Q', '~', random40.slice(0, 34))],
  ['stripe_key', key('sk', '_live_', random40.slice(0, 24))],
  ['npm_token', key('npm', '_', random40.slice(0, 36))],
  ['pypi_token', key('py', 'pi-', 'AgEIcHlwaS5vcmc', random40, random40)],
  ['huggingface_token', key('h', 'f_', random40.slice(0, 34))],
  ['signalbox_key', key('sb', 'x_', random40)],
  ['hex', hex40],
  ['high_entropy', `${random40}${random40.toLowerCase()}`],
];

describe('secrets that providers mark', () => {
  test.each(SECRETS)('%s is found between other words, and only it', (type, secret) => {
    const text = `first ${secret} then more`;
    expect(findSecrets(text)).toEqual([{ type, start: 6, end: 6 + secret.length }]);
    expect(redactText(`KEY="${secret}"`)).toBe(`KEY="[REDACTED:${type}]"`);
  });

  test('a JSON web token, a bearer token and basic credentials go; what names them stays', () => {
    const jwt = key('ey', 'JhbGciOiJIUzI1NiJ9', '.ey', 'JzdWIiOiIxMjM0NTY3ODkwIn0.', random40);
    expect(redactText(`cookie ${jwt}.`)).toBe('cookie [REDACTED:jwt].');
    expect(redactText(`curl -H "Authorization: Bearer ${hex40}"`)).toBe(
      'curl -H "Authorization: Bearer [REDACTED:bearer]"',
    );
    expect(redactText('Authorization: Basic dXNlcjpwYXNzd29yZA==')).toBe(
      'Authorization: Basic [REDACTED:authorization]',
    );
  });

  test('a private key goes as a whole, also without its end', () => {
    const [begin, end] = ['BEGIN', 'END'].map((word) => `-----${word} RSA PRIVATE KEY-----`);
    expect(redactText(`a ${begin}\nMIIE${random40}\n${end} b`)).toBe('a [REDACTED:private_key] b');
    expect(redactText(`a ${begin}\nMIIE`)).toBe('a [REDACTED:private_key]');
  });

  test('only the password of an address goes', () => {
    expect(redactText('postgres://app:s3cr3t-pw@db.example.com:5432/app')).toBe(
      'postgres://app:[REDACTED:database_url]@db.example.com:5432/app',
    );
    expect(redactText('git clone https://me:hunter2@git.example.com/x.git')).toBe(
      'git clone https://me:[REDACTED:url_credentials]@git.example.com/x.git',
    );
    expect(redactText(`GET /v1?api_key=${random40}&page=2`)).toBe(
      'GET /v1?api_key=[REDACTED:url_parameter]&page=2',
    );
    expect(redactText(`AccountName=x;AccountKey=${random40}${random40}==;Y=1`)).toBe(
      'AccountName=x;AccountKey=[REDACTED:azure_key];Y=1',
    );
  });

  test.each([
    ['DB_PASSWORD=correcthorse', 'DB_PASSWORD=[REDACTED:secret]'],
    ['password: "hunter2!"', 'password: "[REDACTED:secret]"'],
    [
      'aws_secret_access_key = wJalrXUtnFEMI7K7MDENGbPxRfiCY',
      'aws_secret_access_key = [REDACTED:secret]',
    ],
    ["client_secret: 'p8_Vx2q'", "client_secret: '[REDACTED:secret]'"],
    ['export AUTH_TOKEN=ab12cd34ef', 'export AUTH_TOKEN=[REDACTED:secret]'],
  ])('%j names its secret', (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
  });
});

describe('what only resembles a secret', () => {
  test.each([
    'commit 9f8b3c1d7e2a4f6b5c0d8e1f2a3b4c5d6e7f8a9b',
    'image@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'id 3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    'max_tokens: 4096, temperature: 0.2',
    'const token = await getToken(request);',
    'const password = request.body.password;',
    'api_key: ${API_KEY}',
    'password: "<your password>"',
    'OPENAI_API_KEY=$OPENAI_API_KEY',
    'sk-learn and sk-something',
    'the bearer of this letter internationally',
    'thisIsAVeryLongCamelCaseIdentifierNameOfAFunctionInJava2',
    'src/storage/clickhouse/trace-store-indexes.test.ts',
    '0000000000000000000000000000000000000000',
    'https://example.com/a?key=value',
    'ssh git@github.com:owner/name.git',
    'tokenizer: "cl100k_base"',
  ])('%s', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('redactJson', () => {
  test('redacts texts, and whatever stands under a secret name', () => {
    const value = {
      command: `curl -u x https://me:hunter2@host/`,
      apiKey: 'short',
      headers: { Cookie: 'a=b', 'X-Auth-Token': 'tok', accept: '*/*' },
      nested: [{ password: { old: 'one', pin: 1234, set: true } }],
      max_tokens: 12,
      next_page_token: 'abc',
      empty: { secret: '' },
    };
    const redacted = {
      command: 'curl -u x https://me:[REDACTED:url_credentials]@host/',
      apiKey: '[REDACTED:secret]',
      headers: { Cookie: '[REDACTED:secret]', 'X-Auth-Token': '[REDACTED:secret]', accept: '*/*' },
      nested: [{ password: { old: '[REDACTED:secret]', pin: '[REDACTED:secret]', set: true } }],
      max_tokens: 12,
      next_page_token: 'abc',
      empty: { secret: '' },
    };
    expect(redactJson(value)).toEqual(redacted);
    expect(redactJson(redacted)).toEqual(redacted);
  });

  test('stops at a depth', () => {
    let value: unknown = 'x';
    for (let depth = 0; depth < 100; depth += 1) value = [value];
    expect(JSON.stringify(redactJson(value))).toBe(
      `${'['.repeat(64)}"[REDACTED:depth]"${']'.repeat(64)}`,
    );
  });

  test.each(['apiKey', 'API_KEY', 'client-secret', 'accessToken', 'db.password', 'Set-Cookie'])(
    '%s is a secret name',
    (name) => expect(isSecretName(name)).toBe(true),
  );

  test.each(['tokens', 'token_count', 'keyboard', 'secretary', 'pagination', 'nextPageToken'])(
    '%s is none',
    (name) => expect(isSecretName(name)).toBe(false),
  );
});

test('redacting twice changes nothing more, and no known secret is left, wherever it stands', () => {
  const words = fc.constantFrom(' ', '\n', '"', '=', 'token', 'key: ', '{', '}', ',', 'a/b', '12');
  fc.assert(
    fc.property(
      fc.array(words),
      fc.constantFrom(...SECRETS),
      fc.array(words),
      (before, [type, secret], after) => {
        const text = `${before.join('')} ${secret} ${after.join('')}`;
        const once = redactText(text);
        expect(once).not.toContain(secret);
        expect(redactText(once)).toBe(once);
        expect(type).not.toBe('');
      },
    ),
  );
});

test('a text is read in time linear in its length', () => {
  const seconds = (text: string): number => {
    const began = performance.now();
    findSecrets(text);
    return performance.now() - began;
  };
  const pieces = [
    'a'.repeat(40),
    'password=',
    'https://a:',
    '-----BEGIN PRIVATE KEY-----',
    'eyJ',
    'A1b2_',
    '0af',
  ];
  seconds(pieces.join('').repeat(100));
  for (const piece of pieces) {
    // A quadratic reading of a megabyte would take minutes.
    expect(seconds(piece.repeat(1_000_000 / piece.length))).toBeLessThan(3000);
  }
});

describe('the beginning of what is long', () => {
  const random = 'Zx8+Qp2Lm9Vt4Rk7/Bn3Wc6Hy5Jd1Fs0Ga'.repeat(2_000);
  const pem = `${key('-----BEGIN ', 'PRIVATE KEY-----')}\n${'MIIEvQIBADANBgkqhkiG9w0B\n'.repeat(2_000)}`;

  test.each([
    ['a key of random text that is cut', `data ${random}==`],
    ['a private key that is cut', `key ${pem}`],
    ['a token at the cut', `${'x '.repeat(45)}Bearer ${'a1B2c3D4'.repeat(400)}`],
    [
      'a password within an address',
      `${'x '.repeat(40)}postgres://app:${'s3cr3t-'.repeat(30)}@db/x${'y '.repeat(9_000)}`,
    ],
  ])('%s leaves nothing of itself', (_, text) => {
    const shown = redactBeginning(text, 100);
    expect(shown.length).toBeLessThanOrEqual(100);
    expect(shown).not.toMatch(/Zx8|MIIE|a1B2|s3cr3t/);
    expect(shown).toMatch(/\[RE/);
  });

  test('of a value ends after so many characters, and is what it is where it is short', () => {
    const short = { a: [1, 'two', { token: 'abc' }], b: null };
    expect(redactJsonBeginning(short, 1_000)).toEqual({
      value: redactJson(short),
      complete: true,
    });
    const long = { first: 'x'.repeat(50), second: ['y'.repeat(9_000_000)], third: 1 };
    expect(redactJsonBeginning(long, 200)).toEqual({
      value: { first: 'x'.repeat(50), second: ['y'.repeat(127)] },
      complete: false,
    });
  });
});
