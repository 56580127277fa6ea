import type { Authenticator } from '../auth/authenticator.ts';
import type { JwtIdentity } from '../auth/jwt-identity.ts';
import {
  DEFAULT_PROJECT,
  LOCAL_PRINCIPAL,
  requireScope,
  type Principal,
} from '../auth/principal.ts';
import { isFromThisMachine } from '../auth/request-identity.ts';
import type { Scope } from '../auth/scope.ts';
import { AppError } from '../errors.ts';
import { compileGlob } from './policy/glob.ts';
import type { Caller } from './tool-call.ts';

/** Header values as received, and the peer of the connection. */
export interface RequestOrigin {
  readonly authorization?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly remoteAddress: string | undefined;
  readonly origin?: string | undefined;
  readonly secFetchSite?: string | undefined;
  readonly forwarded?: string | undefined;
}

/** Who is behind a request: an agent that calls, or a person who decides. */
export interface Identity {
  /** Throws `UNAUTHORIZED` or `FORBIDDEN`. */
  callerOf(request: RequestOrigin): Promise<Caller>;
  /** Who looks. Throws as above. */
  readerOf(request: RequestOrigin): Promise<Principal>;
  /** Who decides: never an agent, but a supervisor whose identity is proven. Throws as above. */
  deciderOf(request: RequestOrigin): Promise<Decider>;
}

export interface Decider {
  readonly principal: Principal;
  /** The supervisor that decides; undefined for a person. It must not decide about its own calls. */
  readonly agent: string | undefined;
}

export interface IdentityOptions {
  readonly authenticator: Authenticator;
  readonly jwt: JwtIdentity | undefined;
  /** Whether nobody but this machine can reach the listener. */
  readonly loopbackOnly: boolean;
  readonly requireAuthentication: boolean;
  /** Patterns of agents that may decide. */
  readonly supervisors: readonly string[];
}

const NAMED = /^bearer +agent:(\S{1,256})$/i;
const JWT = /^bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

export function createIdentity(options: IdentityOptions): Identity {
  const { authenticator, jwt, loopbackOnly, requireAuthentication } = options;
  const supervisors = options.supervisors.map(compileGlob);
  const trusts = (request: RequestOrigin): boolean =>
    loopbackOnly && !requireAuthentication && isFromThisMachine(request);

  const proven = async (request: RequestOrigin): Promise<Caller | undefined> => {
    const token = JWT.exec(request.authorization ?? '')?.[1];
    if (token !== undefined && jwt !== undefined) {
      return { agent: await jwt(token), project: DEFAULT_PROJECT, proof: 'token' };
    }
    if (request.authorization === undefined && request.apiKey === undefined) return undefined;
    const principal = await authenticate(request, 'gateway:call');
    return { agent: principal.name, project: principal.project, proof: 'key' };
  };

  const authenticate = async (request: RequestOrigin, scope: Scope): Promise<Principal> => {
    const { authorization, apiKey } = request;
    const principal = await authenticator.authenticate({ authorization, apiKey, method: 'POST' });
    requireScope(principal, scope);
    return principal;
  };

  return {
    async callerOf(request) {
      const name = NAMED.exec(request.authorization?.trim() ?? '')?.[1];
      if (name !== undefined) {
        if (trusts(request)) return { agent: name, project: DEFAULT_PROJECT, proof: 'named' };
        throw new AppError(
          'UNAUTHORIZED',
          'an agent may name itself only from this machine, to a gateway that listens on loopback alone and does not require authentication; send a key with the scope gateway:call',
        );
      }
      const caller = await proven(request);
      if (caller !== undefined) return caller;
      if (trusts(request)) return { agent: 'anonymous', project: DEFAULT_PROJECT, proof: 'none' };
      throw new AppError(
        'UNAUTHORIZED',
        'the call names no agent; send "Authorization: Bearer" with a key that holds gateway:call',
      );
    },

    async readerOf(request) {
      const { authorization, apiKey } = request;
      const isNamed = NAMED.test(authorization?.trim() ?? '');
      if ((isNamed || (authorization === undefined && apiKey === undefined)) && trusts(request)) {
        return LOCAL_PRINCIPAL;
      }
      const supervisor = await supervisorOf(request);
      return supervisor?.principal ?? authenticate(request, 'governance:read');
    },

    async deciderOf(request) {
      const supervisor = await supervisorOf(request);
      if (supervisor !== undefined) return supervisor;
      if (request.authorization === undefined && request.apiKey === undefined) {
        throw new AppError(
          'UNAUTHORIZED',
          'a decision needs the credential of a person: send a key with the scope governance:write',
        );
      }
      if (NAMED.test(request.authorization?.trim() ?? '')) {
        throw new AppError('FORBIDDEN', 'an agent cannot decide about calls; a person must');
      }
      const principal = await authenticate(request, 'governance:write');
      if (principal.kind === 'api_key' && principal.scopes.includes('gateway:call')) {
        const why =
          'a key that calls tools cannot decide about calls; use one without gateway:call';
        throw new AppError('FORBIDDEN', why);
      }
      return { principal, agent: undefined };
    },
  };

  /** An agent whose key or token proves its name, and whose name is that of a supervisor. */
  async function supervisorOf(request: RequestOrigin): Promise<Decider | undefined> {
    if (supervisors.length === 0 || NAMED.test(request.authorization?.trim() ?? '')) {
      return undefined;
    }
    const caller = await proven(request).catch(() => undefined);
    if (caller === undefined || !supervisors.some((test) => test(caller.agent))) return undefined;
    const principal: Principal = {
      kind: 'service',
      id: caller.agent,
      name: `agent:${caller.agent}`,
      project: caller.project,
      scopes: ['governance:read', 'governance:write'],
      expiresAtMs: null,
    };
    return { principal, agent: caller.agent };
  }
}
