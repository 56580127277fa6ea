import { expect, test } from 'vitest';

import { prometheusLabel, prometheusName, type MetricIdentity } from './metric-name.ts';

const named = (
  name: string,
  unit: string,
  type: MetricIdentity['type'] = 'gauge',
  monotonic = false,
) => prometheusName({ name, unit, type, monotonic });

test('names of metrics are those that Prometheus gives them', () => {
  expect(named('gen_ai.client.token.usage', '{token}', 'histogram')).toBe(
    'gen_ai_client_token_usage',
  );
  expect(named('gen_ai.client.operation.duration', 's', 'histogram')).toBe(
    'gen_ai_client_operation_duration_seconds',
  );
  expect(named('claude_code.token.usage', 'tokens', 'sum', true)).toBe(
    'claude_code_token_usage_tokens_total',
  );
  expect(named('claude_code.cost.usage', 'USD', 'sum', true)).toBe(
    'claude_code_cost_usage_USD_total',
  );
  expect(named('claude_code.active_time.total', 's', 'sum', true)).toBe(
    'claude_code_active_time_seconds_total',
  );
  expect(named('system.cpu.utilization', '1')).toBe('system_cpu_utilization_ratio');
  expect(named('system.disk.io', 'By/s')).toBe('system_disk_io_bytes_per_second');
  expect(named('memory.bytes', 'By')).toBe('memory_bytes');
  expect(named('5xx--rate', '')).toBe('_5xx_rate');
});

test('names of labels are those that Prometheus gives them', () => {
  expect(['gen_ai.request.model', '2nd', '_a', '__b'].map(prometheusLabel)).toEqual([
    'gen_ai_request_model',
    'key_2nd',
    'key_a',
    '__b',
  ]);
});
