import { stringify } from 'yaml';

import { compileGlob } from '../base/glob.ts';
import type { GatewayFile } from './gateway-file.ts';
import type { CatalogTool } from './tool-catalog.ts';

/** A policy to begin with: what changes nothing is allowed, all else put to a person or denied. */
export function generatePolicy(
  tools: readonly CatalogTool[],
  {
    agent,
    reads,
  }: { readonly agent: string; readonly reads: GatewayFile['registry']['read_tools'] },
): string {
  const tests = reads.map(compileGlob);
  const isRead = ({ name, tool }: CatalogTool): boolean =>
    tool.readOnly ?? tests.some((test) => test(name));
  const allowed = tools.filter(isRead).map(({ name }) => name);
  const others = tools.filter((tool) => !isRead(tool)).map(({ name }) => name);
  const rules = [
    ...(allowed.length > 0 ? [{ name: 'reads', tools: allowed, action: 'allow' }] : []),
    ...(others.length > 0 ? [{ name: 'writes', tools: others, action: 'deny' }] : []),
    { name: 'everything-else', tools: ['*'], action: 'deny' },
  ];
  return stringify({ policies: [{ name: 'discovered', agent, rules }] });
}
