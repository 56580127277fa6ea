import { randomBytes } from 'node:crypto';

/** Makes a new id that starts with `prefix`, as `agt_…`; passed in where a test decides which. */
export type NewId = (prefix: string) => string;

/** 120 random bits in lower-case hexadecimal behind the prefix. */
export const randomId: NewId = (prefix) => `${prefix}_${randomBytes(15).toString('hex')}`;
