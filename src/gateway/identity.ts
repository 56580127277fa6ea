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
import { compileGlob, type NameTest } from '../base/glob.ts';
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
  return new RequestIdentity(options);
}

class RequestIdentity implements Identity {
  readonly #options: IdentityOptions;
  readonly #supervisors: readonly NameTest[];

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#supervisors = options.supervisors.map(compileGlob);
  }

  async callerOf(request: RequestOrigin): Promise<Caller> {
    const name = NAMED.exec(request.authorization?.trim() ?? '')?.[1];
    if (name !== undefined) {
      if (this.#trusts(request)) return { agent: name, project: DEFAULT_PROJECT, proof: 'named' };
      throw new AppError(
        'UNAUTHORIZED',
        'an agent may name itself only from this machine, to a gateway that listens on loopback alone and does not require authentication; send a key with the scope gateway:call',
      );
    }
    const caller = await this.#proven(request);
    if (caller !== undefined) return caller;
    if (this.#trusts(request)) {
      return { agent: 'anonymous', project: DEFAULT_PROJECT, proof: 'none' };
    }
    throw new AppError(
      'UNAUTHORIZED',
      'the call names no agent; send "Authorization: Bearer" with a key that holds gateway:call',
    );
  }

  async readerOf(request: RequestOrigin): Promise<Principal> {
    if ((isNamed(request) || !hasCredential(request)) && this.#trusts(request)) {
      return LOCAL_PRINCIPAL;
    }
    const supervisor = await this.#supervisorOf(request);
    return supervisor?.principal ?? this.#authenticate(request, 'governance:read');
  }

  async deciderOf(request: RequestOrigin): Promise<Decider> {
    const supervisor = await this.#supervisorOf(request);
    if (supervisor !== undefined) return supervisor;
    if (!hasCredential(request)) {
      throw new AppError(
        'UNAUTHORIZED',
        'a decision needs the credential of a person: send a key with the scope governance:write',
      );
    }
    if (isNamed(request)) {
      throw new AppError('FORBIDDEN', 'an agent cannot decide about calls; a person must');
    }
    const principal = await this.#authenticate(request, 'governance:write');
    if (principal.kind === 'api_key' && principal.scopes.includes('gateway:call')) {
      const why = 'a key that calls tools cannot decide about calls; use one without gateway:call';
      throw new AppError('FORBIDDEN', why);
    }
    return { principal, agent: undefined };
  }

  #trusts(request: RequestOrigin): boolean {
    const { loopbackOnly, requireAuthentication } = this.#options;
    return loopbackOnly && !requireAuthentication && isFromThisMachine(request);
  }

  /** Undefined when there is no credential. */
  async #proven(request: RequestOrigin): Promise<Caller | undefined> {
    const { jwt } = this.#options;
    const token = JWT.exec(request.authorization?.trim() ?? '')?.[1];
    if (token !== undefined && jwt !== undefined) {
      return { agent: await jwt(token), project: DEFAULT_PROJECT, proof: 'token' };
    }
    if (!hasCredential(request)) return undefined;
    const principal = await this.#authenticate(request, 'gateway:call');
    return { agent: principal.name, project: principal.project, proof: 'key' };
  }

  async #authenticate({ authorization, apiKey }: RequestOrigin, scope: Scope): Promise<Principal> {
    const { authenticator } = this.#options;
    const principal = await authenticator.authenticate({ authorization, apiKey, method: 'POST' });
    requireScope(principal, scope);
    return principal;
  }

  /** An agent whose key or token proves its name, and whose name is that of a supervisor. */
  async #supervisorOf(request: RequestOrigin): Promise<Decider | undefined> {
    if (this.#supervisors.length === 0 || isNamed(request)) return undefined;
    const caller = await this.#proven(request).catch(() => undefined);
    if (caller === undefined || !this.#supervisors.some((test) => test(caller.agent))) {
      return undefined;
    }
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

const isNamed = ({ authorization }: RequestOrigin): boolean =>
  NAMED.test(authorization?.trim() ?? '');

const hasCredential = ({ authorization, apiKey }: RequestOrigin): boolean =>
  authorization !== undefined || apiKey !== undefined;
