import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { environment } from '../config.ts';
import { AppError } from '../errors.ts';

export interface GatewayAddressFlags {
  readonly url?: string;
  readonly key?: string;
  readonly dataDir?: string;
}

export interface GatewayAddress {
  readonly url: string;
  /** Undefined where none is at hand: then only what needs none can be asked. */
  readonly key: string | undefined;
}

/** Where a gateway keeps its approvals and keys unless it is told otherwise. */
export const defaultGatewayDirectory = (): string => join(homedir(), '.signalbox', 'gateway');

const DEFAULT_URL = 'http://127.0.0.1:9090';

/**
 * Where the gateway is and with which key: from flags, else `MESH_URL` and `SIGNALBOX_KEY`, else from the data directory
 * of the gateway that runs on this machine.
 */
export function findGateway(flags: GatewayAddressFlags): GatewayAddress {
  const env = environment();
  const dataDir = flags.dataDir ?? defaultGatewayDirectory();
  const url =
    flags.url ??
    (flags.dataDir === undefined ? env['MESH_URL'] : undefined) ??
    readOrUndefined(join(dataDir, 'address')) ??
    DEFAULT_URL;
  const key = flags.key ?? env['SIGNALBOX_KEY'] ?? readOrUndefined(join(dataDir, 'operator-key'));
  return { url: url.replace(/\/+$/, ''), key };
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** A request of the gateway's, as JSON. Throws its error, or `SERVER_UNREACHABLE`. */
export async function askGateway<T>(
  { url, key }: GatewayAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(url + path, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const remedy = 'start it with `signalbox gateway`, or name it with --url';
    throw new AppError('SERVER_UNREACHABLE', `no gateway answers at ${url}; ${remedy}`, {
      cause: error,
    });
  }
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as T;
  const { error, code } = errorOf(text);
  const known = ['NOT_FOUND', 'CONFLICT', 'FORBIDDEN', 'UNAUTHORIZED'] as const;
  throw new AppError(
    known.find((each) => each === code) ?? 'VALIDATION_ERROR',
    error ?? `the gateway answered ${answer.status}`,
  );
}

function errorOf(text: string): { readonly error?: string; readonly code?: string } {
  try {
    return JSON.parse(text) as { error?: string; code?: string };
  } catch {
    return {};
  }
}
