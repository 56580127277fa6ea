import { expect, test } from 'vitest';

import { openAgentSessions } from './agent-sessions.ts';

interface Session {
  readonly number: number;
  isBusy: boolean;
  isClosed: boolean;
  close(): Promise<void>;
}

function open(max: number) {
  const made: Session[] = [];
  const sessions = openAgentSessions<Session>({
    max,
    open: () => {
      const session: Session = {
        number: made.length + 1,
        isBusy: false,
        isClosed: false,
        close: async () => void (session.isClosed = true),
      };
      made.push(session);
      return session;
    },
  });
  return { made, sessions };
}

test('the session unused for longest gives way, but never one with a call under way', () => {
  const { made, sessions } = open(2);
  const ada = sessions.of('ada')!;
  const bob = sessions.of('bob')!;
  ada.isBusy = true;
  expect(sessions.of('eve')!.number).toBe(3);
  expect(made.map(({ isClosed }) => isClosed)).toEqual([false, true, false]);
  expect(sessions.of('ada')).toBe(ada);
  expect(bob.isClosed).toBe(true);
});

test('while all are in use a further agent is told what to do', async () => {
  const { made, sessions } = open(1);
  sessions.of('ada')!.isBusy = true;
  expect(() => sessions.of('bob')).toThrow(
    expect.objectContaining({
      code: 'OVERLOADED',
      message: expect.stringContaining('raise agent_sessions_max') as string,
    }),
  );
  await sessions.close();
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true]);
});

test('without any, agents have none of their own', () => {
  const { made, sessions } = open(0);
  expect(sessions.of('ada')).toBeUndefined();
  expect(made).toEqual([]);
});
