import { encodeGenAiRequest } from './genai-workload.ts';
import type { Template } from './patch-ids.ts';
import { createTemplate } from './patch-ids.ts';
import { encodeTracegenRequest } from './tracegen-workload.ts';

const REQUESTS = 50;
const SPANS = 1000;

/** Ready requests of a workload, a thousand spans each. */
export function templatesOf(workload: string): Template[] {
  const startNs = BigInt(Date.now()) * 1_000_000n - 60_000_000_000n;
  return Array.from({ length: REQUESTS }, (_, i) => {
    const at = startNs + BigInt(i) * 1_000_000_000n;
    return createTemplate(
      workload === 'genai' ? encodeGenAiRequest(i, SPANS, at) : encodeTracegenRequest(i, SPANS, at),
    );
  });
}
