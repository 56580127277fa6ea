import { expect, test } from 'vitest';

import { createAttemptLimit } from './attempt-limit.ts';

function limitOf(namesMax = 10) {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const limit = createAttemptLimit({ clock, attemptsMax: 2, windowMs: 10_000, namesMax });
  return { clock, limit };
}

test('refuses a third attempt until the window ends', () => {
  const { clock, limit } = limitOf();
  limit.take('ada');
  clock.nowMs = 4_001;
  limit.take('ada');
  expect(() => limit.take('ada')).toThrow('too many attempts; try again in 6 seconds');
  limit.take('bob');
  clock.nowMs = 10_000;
  limit.take('ada');
});

test('names the time to wait in the error', () => {
  const { limit } = limitOf();
  limit.take('ada');
  limit.take('ada');
  expect(() => limit.take('ada')).toThrow(
    expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 10 }),
  );
});

test('forgets a name, or one attempt of it', () => {
  const { limit } = limitOf();
  limit.take('ada');
  limit.take('ada');
  limit.giveBack('ada');
  limit.take('ada');
  expect(() => limit.take('ada')).toThrow(/too many/);
  limit.forgive('ada');
  limit.take('ada');
  limit.take('ada');
  limit.giveBack('nobody');
});

test('remembers no more names than it may', () => {
  const { limit } = limitOf(1);
  limit.take('ada');
  limit.take('ada');
  limit.take('bob');
  limit.take('ada');
});
