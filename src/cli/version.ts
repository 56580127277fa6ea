import { readFileSync } from 'node:fs';

interface VersionFlags {
  readonly json?: true;
}

/** The version in package.json, which lies two folders up from the sources and from the build alike. */
export function productVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export function version(flags: VersionFlags): void {
  const facts = {
    signalbox: productVersion(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
  if (flags.json) console.log(JSON.stringify(facts));
  else console.log(`signalbox ${facts.signalbox} (Node ${facts.node}, ${facts.platform})`);
}
