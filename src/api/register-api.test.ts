import { afterAll, beforeAll, expect, test } from 'vitest';

import { startApi, type TestApi } from '../../test/harness/api.ts';
import { SCOPES, type Scope } from '../auth/scope.ts';

let api: TestApi;
const keys = new Map<Scope, string>();
beforeAll(async () => {
  api = await startApi();
  for (const scope of SCOPES) keys.set(scope, await api.keyWith(scope));
});
afterAll(() => api.close());

/** Who may call what: changing this table is changing what a key in somebody's hands can do. */
const ACCESS: Readonly<Record<string, string>> = {
  'GET /api/v1/gateway': 'governance:read',
  'GET /api/v1/gateways/link': 'gateway:link',
  'POST /api/v1/gateways/link': 'gateway:link',
  'GET /api/v1/calls': 'governance:read',
  'GET /api/v1/policies': 'governance:read',
  'POST /api/v1/policies/decide': 'governance:read',
  'POST /api/v1/policies/dry-run': 'governance:read',
  'GET /api/v1/approvals': 'governance:read',
  'GET /api/v1/approvals/:id': 'governance:read',
  'POST /api/v1/approvals/:id/decide': 'governance:write',
  'GET /api/v1/grants': 'governance:read',
  'POST /api/v1/grants': 'governance:write',
  'DELETE /api/v1/grants/:id': 'governance:write',
  'GET /api/v1/tool-pins': 'governance:read',
  'POST /api/v1/tool-pins/accept': 'governance:write',
  'GET /health': 'public',
  'POST /auth/login': 'public',
  'POST /auth/refresh': 'public',
  'POST /auth/session': 'public',
  'GET /auth/link': 'public',
  'DELETE /auth/session': 'signed-in',
  'GET /auth/me': 'signed-in',
  'POST /auth/password': 'signed-in',
  'POST /auth/api-keys': 'signed-in',
  'GET /auth/api-keys': 'signed-in',
  'DELETE /auth/api-keys/:id': 'signed-in',
  'POST /auth/service-accounts': 'admin',
  'GET /auth/service-accounts': 'admin',
  'DELETE /auth/service-accounts/:id': 'admin',
  'POST /auth/users': 'admin',
  'GET /auth/users': 'admin',
  'DELETE /auth/users/:id': 'admin',
  'POST /auth/signing-keys/rotate': 'admin',
  'GET /api/v1/agents': 'registry:read',
  'GET /api/v1/agents/:id': 'registry:read',
  'PATCH /api/v1/agents/:id': 'registry:write',
  'POST /api/v1/agents/review': 'registry:write',
  'GET /api/v1/agents/:id/history': 'registry:read',
  'GET /api/v1/governance/audit-trail': 'governance:read',
  'GET /api/v1/registry/stats': 'registry:read',
  'GET /api/v1/otel/status': 'monitoring:read',
  'GET /api/v1/settings/retention': 'governance:read',
  'GET /api/v1/settings/root-span-patterns': 'registry:read',
  'PUT /api/v1/settings/retention': 'admin',
  'PUT /api/v1/settings/root-span-patterns': 'registry:write',
  'GET /api/v1/runs': 'monitoring:read',
  'GET /api/v1/runs/stats': 'monitoring:read',
  'GET /api/v1/runs/facets': 'monitoring:read',
  'GET /api/v1/runs/values': 'monitoring:read',
  'GET /api/v1/runs/:runId': 'monitoring:read',
  'POST /api/v1/runs/rebuild': 'admin',
  'GET /api/v1/jobs': 'monitoring:read',
  'GET /api/v1/jobs/:id': 'monitoring:read',
  'DELETE /api/v1/jobs/:id': 'admin',
  'GET /api/v1/executions': 'monitoring:read',
  'GET /api/v1/executions/:runId': 'monitoring:read',
  'GET /api/v1/views': 'monitoring:read',
  'POST /api/v1/views': 'monitoring:read',
  'PUT /api/v1/views/:id': 'monitoring:read',
  'DELETE /api/v1/views/:id': 'monitoring:read',
  'PUT /api/v1/views/:id/default': 'monitoring:read',
  'GET /api/v1/conversations': 'monitoring:read',
  'GET /api/v1/conversations/:conversationId': 'monitoring:read',
  'GET /api/v1/traces': 'monitoring:read',
  'GET /api/v1/traces/histogram': 'monitoring:read',
  'GET /api/v1/traces/facets': 'monitoring:read',
  'GET /api/v1/traces/values': 'monitoring:read',
  'GET /api/v1/attributes': 'monitoring:read',
  'GET /api/v1/attributes/values': 'monitoring:read',
  'GET /api/v1/traces/:traceId': 'monitoring:read',
  'GET /api/v1/traces/:traceId/calls': 'monitoring:read',
  'GET /api/v1/traces/:traceId/matches': 'monitoring:read',
  'GET /api/v1/traces/:traceId/events': 'monitoring:read',
  'GET /api/v1/traces/:traceId/outline': 'monitoring:read',
  'GET /api/v1/traces/:traceId/logs': 'monitoring:read',
  'GET /api/v1/logs': 'monitoring:read',
  'GET /api/v1/logs/:id': 'monitoring:read',
  'GET /api/v1/logs/histogram': 'monitoring:read',
  'GET /api/v1/logs/facets': 'monitoring:read',
  'GET /api/v1/logs/attributes': 'monitoring:read',
  'GET /api/v1/logs/attributes/values': 'monitoring:read',
  'GET /api/v1/stats': 'monitoring:read',
  'GET /api/v1/live': 'signed-in',
  'GET /api/v1/budgets': 'cost:read',
  'POST /api/v1/budgets': 'governance:write',
  'GET /api/v1/budgets/:id': 'cost:read',
  'PUT /api/v1/budgets/:id': 'governance:write',
  'DELETE /api/v1/budgets/:id': 'governance:write',
  'POST /api/v1/costs/budgets': 'governance:write',
  'GET /api/v1/alerts': 'monitoring:read',
  'GET /api/v1/anomalies': 'anomaly:read',
  'GET /api/v1/anomalies/summary': 'anomaly:read',
  'GET /api/v1/anomalies/:id': 'anomaly:read',
  'GET /api/v1/anomalies/:id/series': 'anomaly:read',
  'POST /api/v1/anomalies/:id/acknowledge': 'anomaly:write',
  'POST /api/v1/anomalies/:id/resolve': 'anomaly:write',
  'GET /api/v1/agents/:id/baselines': 'anomaly:read',
  'GET /api/v1/agents/:id/baselines/series': 'anomaly:read',
  'GET /api/v1/agents/:id/versions': 'monitoring:read',
  'GET /api/v1/agents/:id/risk': 'registry:read',
  'GET /api/v1/risk/rules': 'governance:read',
  'PUT /api/v1/risk/rules': 'governance:write',
  'POST /api/v1/telemetry/heartbeat': 'telemetry:write',
  'POST /api/v1/telemetry/heartbeats': 'telemetry:write',
  'POST /api/v1/agents/beacon': 'telemetry:write',
  'GET /api/v1/alerts/channels': 'admin',
  'POST /api/v1/alerts/channels': 'admin',
  'GET /api/v1/alerts/channels/:id': 'admin',
  'PUT /api/v1/alerts/channels/:id': 'admin',
  'DELETE /api/v1/alerts/channels/:id': 'admin',
  'POST /api/v1/alerts/channels/:id/test': 'admin',
  'GET /api/v1/dead-letters': 'monitoring:read',
  'POST /api/v1/dead-letters/:id/retry': 'admin',
  'DELETE /api/v1/dead-letters/:id': 'admin',
  'POST /api/v1/evidence/packages': 'governance:read',
  'GET /api/v1/evidence/packages': 'governance:read',
  'GET /api/v1/evidence/readiness': 'governance:read',
  'POST /api/v1/evidence/verify': 'governance:read',
  'GET /api/v1/costs/summary': 'cost:read',
  'GET /api/v1/costs/agents/:id': 'cost:read',
  'GET /api/v1/costs/by-agent': 'cost:read',
  'GET /api/v1/costs/by-team': 'cost:read',
  'GET /api/v1/costs/departments': 'cost:read',
  'GET /api/v1/costs/by-model': 'cost:read',
  'GET /api/v1/costs/by-provider': 'cost:read',
  'GET /api/v1/costs/by-user': 'cost:read',
  'GET /api/v1/costs/by-project': 'cost:read',
  'GET /api/v1/costs/by-day': 'cost:read',
  'GET /api/v1/costs/by-conversation': 'cost:read',
  'POST /api/v1/costs/events': 'telemetry:write',
  'POST /api/v1/costs/events/batch': 'telemetry:write',
  'POST /api/v1/telemetry/usage': 'telemetry:write',
  'POST /api/v1/telemetry/usage/batch': 'telemetry:write',
  'POST /api/v1/prices/reprice': 'governance:write',
  'GET /api/v1/cost/summary': 'cost:read',
  'GET /api/v1/cost/by-agent': 'cost:read',
  'GET /api/v1/cost/by-team': 'cost:read',
  'GET /api/v1/cost/by-model': 'cost:read',
  'GET /api/v1/prices': 'cost:read',
  'GET /api/v1/prices/:id/history': 'cost:read',
  'GET /api/v1/prices/lookup': 'cost:read',
  'GET /api/v1/prices/unpriced': 'cost:read',
  'POST /api/v1/prices': 'governance:write',
  'PUT /api/v1/prices/:id': 'governance:write',
  'DELETE /api/v1/prices/:id': 'governance:write',
  'GET /api/v1/settings/display-currency': 'cost:read',
  'PUT /api/v1/settings/display-currency': 'governance:write',
  'GET /api/v1/quality/checks': 'monitoring:read',
  'GET /api/v1/agents/:id/checks': 'monitoring:read',
  'PUT /api/v1/agents/:id/checks': 'governance:write',
  'GET /api/v1/quality/rules': 'monitoring:read',
  'POST /api/v1/quality/rules': 'governance:write',
  'GET /api/v1/quality/rules/:id': 'monitoring:read',
  'PUT /api/v1/quality/rules/:id': 'governance:write',
  'DELETE /api/v1/quality/rules/:id': 'governance:write',
  'POST /api/v1/quality/rules/dry-run': 'monitoring:read',
  'POST /api/v1/quality/rules/test': 'monitoring:read',
  'GET /api/v1/quality/results': 'monitoring:read',
  'GET /api/v1/quality/summary': 'monitoring:read',
  'GET /api/v1/quality/trends': 'monitoring:read',
  'GET /api/v1/quality/heatmap': 'monitoring:read',
  'GET /api/v1/runs/:id/quality': 'monitoring:read',
  'GET /api/v1/executions/:id/quality': 'monitoring:read',
  'GET /api/v1/quality/judge': 'monitoring:read',
  'PUT /api/v1/quality/judge': 'governance:write',
  'POST /api/v1/jobs/:id/quality': 'telemetry:write',
  'POST /api/public/ingestion': 'telemetry:write',
  'POST /api/public/scores': 'telemetry:write',
  'GET /api/v1/openapi.json': 'signed-in',
  'GET /api/v1/metrics': 'monitoring:read',
  'GET /api/v1/metrics/range': 'monitoring:read',
  'GET /api/v1/metrics/instant': 'monitoring:read',
  'GET /api/v1/metrics/labels': 'monitoring:read',
  'GET /api/v1/metrics/label-values': 'monitoring:read',
  'GET /prometheus/api/v1/query': 'monitoring:read',
  'POST /prometheus/api/v1/query': 'monitoring:read',
  'GET /prometheus/api/v1/query_range': 'monitoring:read',
  'POST /prometheus/api/v1/query_range': 'monitoring:read',
  'GET /prometheus/api/v1/labels': 'monitoring:read',
  'POST /prometheus/api/v1/labels': 'monitoring:read',
  'GET /prometheus/api/v1/label/:name/values': 'monitoring:read',
  'GET /prometheus/api/v1/series': 'monitoring:read',
  'POST /prometheus/api/v1/series': 'monitoring:read',
  'GET /prometheus/api/v1/metadata': 'monitoring:read',
  'GET /prometheus/api/v1/status/buildinfo': 'monitoring:read',
};

test('every route names who may call it', () => {
  const declared = Object.fromEntries(api.routes.map(({ name, access }) => [name, access]));
  expect(declared).toEqual(ACCESS);
});

function mayCall(access: string, scope: Scope | undefined): boolean {
  if (access === 'public') return true;
  if (scope === undefined) return false;
  return access === 'signed-in' || access === scope || scope === 'admin';
}

test.each(Object.entries(ACCESS))(
  '%s lets through exactly who holds "%s"',
  async (name, access) => {
    const [method, url] = name.split(' ') as [string, string];
    const path = url.replace(':traceId', '0'.repeat(32)).replace(':id', 'nothing_here');
    for (const scope of [undefined, ...SCOPES]) {
      const key = scope === undefined ? undefined : keys.get(scope)!;
      // A field that no body has: whoever is let through is stopped before anything happens.
      const body = method === 'GET' || method === 'DELETE' ? undefined : { nonsense: true };
      const { status, body: answer } = await api.call(method, path, {
        ...(key === undefined ? {} : { key }),
        ...(body === undefined ? {} : { body }),
      });
      const letThrough = ![401, 403].includes(status);
      expect({ scope, letThrough }).toEqual({ scope, letThrough: mayCall(access, scope) });
      expect(status).toBeLessThan(500);
      if (letThrough) continue;
      expect({ status, code: answer.code, success: answer.success }).toEqual({
        status: scope === undefined ? 401 : 403,
        code: scope === undefined ? 'UNAUTHORIZED' : 'FORBIDDEN',
        success: false,
      });
    }
  },
);

test('refuses every wrong credential, also where a right one would be more than enough', async () => {
  const admin = keys.get('admin')!;
  for (const headers of [
    { authorization: `Bearer ${admin}x` },
    { authorization: `Bearer sbx_${'a'.repeat(43)}` },
    { authorization: 'Bearer a.b.c' },
    { authorization: 'Bearer ' },
    { authorization: admin },
    { authorization: `Digest ${admin}` },
    { authorization: `Basic ${Buffer.from('admin:password').toString('base64')}` },
    { 'x-api-key': 'nonsense' },
    { cookie: 'signalbox_session=nonsense' },
    { authorization: 'Bearer nonsense', 'x-api-key': admin },
  ]) {
    const { status, body } = await api.call('GET', '/api/v1/agents', { headers });
    expect({ headers, status, code: body.code }).toEqual({
      headers,
      status: 401,
      code: 'UNAUTHORIZED',
    });
  }
});

test('takes a key as bearer, as password of Basic and as x-api-key', async () => {
  const key = keys.get('registry:read')!;
  for (const headers of [
    { authorization: `Bearer ${key}` },
    { authorization: `bearer ${key}` },
    { authorization: `Basic ${Buffer.from(`pk-any:${key}`).toString('base64')}` },
    { 'x-api-key': key },
  ]) {
    const { status } = await api.call('GET', '/api/v1/agents', { headers });
    expect({ headers, status }).toEqual({ headers, status: 200 });
  }
});

test('refuses a route that does not name who may call it', async () => {
  const { default: fastify } = await import('fastify');
  const { enforceAccess } = await import('./route-access.ts');
  const app = fastify();
  enforceAccess(app, api.auth.authenticator);
  const add = (config: object) => () => app.get('/open', { config }, async () => 'secret');
  expect(add({})).toThrow('the route GET /open does not say who may call it');
  expect(add({ access: 'telemetry:wirte' })).toThrow(/does not say who may call it/);
  await app.close();
});

test('answers unknown paths as errors of the catalogue', async () => {
  for (const path of ['/api/v1/nothing', '/api/v1/agents/a/b', '/auth/nothing?secret=1']) {
    const { status, body } = await api.call('GET', path);
    expect({ status, body }).toEqual({
      status: 404,
      body: { success: false, error: `there is no GET ${path.split('?')[0]}`, code: 'NOT_FOUND' },
    });
  }
});

test('refuses unknown fields wherever they are', async () => {
  const key = keys.get('admin')!;
  const cases: [string, string, unknown, string][] = [
    [
      'GET',
      '/api/v1/agents?colour=red',
      undefined,
      'the query is not valid: Unrecognized key: "colour"',
    ],
    ['GET', '/api/v1/otel/status?a=1', undefined, 'the query is not valid: Unrecognized key: "a"'],
    ['GET', '/health?a=1', undefined, 'the query is not valid: Unrecognized key: "a"'],
    [
      'POST',
      '/api/v1/dead-letters/x/retry',
      { force: true },
      'the body is not valid: Unrecognized key: "force"',
    ],
    [
      'PATCH',
      '/api/v1/agents/agt_1',
      { status: 'APPROVED', state: 'APPROVED' },
      'the body is not valid: Unrecognized key: "state"',
    ],
  ];
  for (const [method, path, body, error] of cases) {
    const answer = await api.call(method, path, { key, ...(body === undefined ? {} : { body }) });
    expect(answer.body).toEqual({ success: false, error, code: 'VALIDATION_ERROR' });
    expect(answer.status).toBe(400);
  }
});

test('answers a body that is no JSON, too large or of another type by the catalogue', async () => {
  const post = async (body: string, type: string) => {
    const answer = await fetch(`${api.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    return [answer.status, ((await answer.json()) as { code: string }).code];
  };
  expect(await post('{"username":', 'application/json')).toEqual([400, 'VALIDATION_ERROR']);
  expect(await post('', 'application/json')).toEqual([400, 'VALIDATION_ERROR']);
  expect(await post('{"__proto__":{}}', 'application/json')).toEqual([400, 'VALIDATION_ERROR']);
  expect(await post('a=b', 'application/x-www-form-urlencoded')).toEqual([
    415,
    'MEDIA_TYPE_UNSUPPORTED',
  ]);
  const { body } = await api.call('POST', '/auth/login', {
    body: 'a=b',
    headers: { 'content-type': 'text/plain' },
  });
  expect(body.error).toBe('send JSON, with the header content-type: application/json');
  expect(await post(`"${'a'.repeat(2 ** 20)}"`, 'application/json')).toEqual([
    413,
    'BODY_TOO_LARGE',
  ]);
});

test('is healthy for anyone, and is not cached', async () => {
  const { status, body, headers } = await api.call('GET', '/health');
  expect([status, body, headers.get('cache-control')]).toEqual([200, { status: 'ok' }, 'no-store']);
});

test('describes every route in OpenAPI 3.1 with the schemas that validate', async () => {
  const { body } = await api.call('GET', '/api/v1/openapi.json', { key: keys.get('cost:read')! });
  expect(body.openapi).toBe('3.1.0');
  expect(body.info.version).toBe('1.2.3');
  const described = Object.entries(body.paths as Record<string, object>).flatMap(
    ([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const wanted = Object.keys(ACCESS).map((name) => name.replace(/:(\w+)/, '{$1}'));
  expect(described.sort()).toEqual(wanted.sort());
  const patch = body.paths['/api/v1/agents/{id}'].patch;
  expect(patch['x-access']).toBe('registry:write');
  expect(patch.requestBody.content['application/json'].schema).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: { status: { enum: expect.arrayContaining(['UNREVIEWED', 'APPROVED']) } },
  });
  expect(body.paths['/health'].get.security).toEqual([]);
});
