import { BlockList, isIP } from 'node:net';
import { hostname } from 'node:os';

/** Whether a host may tell us, and be told, whose conversation this is. */
export type HostTest = (host: string) => boolean;

/**
 * This machine, and what `patterns` name: a host, an address, a network such as `10.0.0.0/8`, `*.example.com`, or
 * `*` for any.
 */
export function trustedHosts(patterns: readonly string[]): HostTest {
  const networks = new BlockList();
  const names = new Set(['localhost', hostname().toLowerCase()]);
  const suffixes: string[] = [];
  networks.addSubnet('127.0.0.0', 8);
  networks.addAddress('::1', 'ipv6');
  for (const pattern of patterns.map((text) => text.toLowerCase())) {
    if (pattern === '*') return () => true;
    if (pattern.startsWith('*.')) suffixes.push(pattern.slice(1));
    else if (!addNetwork(networks, pattern)) names.add(pattern);
  }
  return (host) => {
    const plain = host.toLowerCase().replaceAll(/^\[|\]$/g, '');
    const version = isIP(plain);
    if (version !== 0) return networks.check(plain, version === 6 ? 'ipv6' : 'ipv4');
    return names.has(plain) || suffixes.some((suffix) => plain.endsWith(suffix));
  };
}

/** False when the pattern is neither an address nor a network. */
function addNetwork(networks: BlockList, pattern: string): boolean {
  const [address = '', bits] = pattern.split('/');
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const size = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
  if (!Number.isInteger(size) || size < 0 || size > (version === 6 ? 128 : 32)) return false;
  networks.addSubnet(address, size, family);
  return true;
}
