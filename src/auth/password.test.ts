import { expect, test } from 'vitest';

import { hashPassword, verifyNothing, verifyPassword } from './password.ts';

test('recognises the password it hashed, and no other', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).toMatch(/^\$scrypt\$ln=16,r=8,p=2\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await verifyPassword('correct horse', hash)).toBe(true);
  expect(await verifyPassword('Correct horse', hash)).toBe(false);
});

test('takes an accented letter for itself however it was typed', async () => {
  expect(await verifyPassword('Zoe\u0308', await hashPassword('Zo\u00EB'))).toBe(true);
});

test('recognises hashes of other costs, so that the cost can rise', async () => {
  // https://datatracker.ietf.org/doc/html/rfc7914#section-12, third vector, first 32 bytes of the key.
  const salt = Buffer.from('SodiumChloride').toString('base64').replaceAll('=', '');
  const key = Buffer.from(
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
    'hex',
  );
  const hash = `$scrypt$ln=14,r=8,p=1$${salt}$${key.toString('base64').replaceAll('=', '')}`;
  expect(await verifyPassword('pleaseletmein', hash)).toBe(true);
});

test.each(['', 'plain text', '$scrypt$ln=16,r=8,p=2$$', '$argon2id$v=19$m=1$a$b'])(
  'takes %j for no hash of any password',
  async (stored) => {
    expect(await verifyPassword('', stored)).toBe(false);
  },
);

test('turns away whom it cannot serve soon', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 36 }, () =>
      verifyPassword(
        'x',
        '$scrypt$ln=10,r=1,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      ),
    ),
  );
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(34);
  expect(outcomes.at(-1)).toMatchObject({
    status: 'rejected',
    reason: { code: 'RATE_LIMITED', retryAfterSeconds: 5 },
  });
  expect(await verifyNothing('x')).toBe(false);
});
