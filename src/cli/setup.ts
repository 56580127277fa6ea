import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { PROVIDERS } from '../session/hook-event.ts';
import type { Provider } from '../session/hook-event.ts';
import { changeHooks } from '../session/hook-settings.ts';
import { homeOf } from './session-place.ts';
import type { Environment } from './session-place.ts';

export interface SetupFlags {
  readonly cli: Provider | 'all';
  readonly global?: true;
  readonly remove?: true;
  readonly keepSecrets?: true;
  readonly json?: true;
}

/** `signalbox setup`. */
export function setup(flags: SetupFlags, env: Environment): void {
  const folder = flags.global ? homeOf(env) : process.cwd();
  const providers = flags.cli === 'all' ? PROVIDERS : [flags.cli];
  const results = providers.map((provider) =>
    changeHooks({
      provider,
      folder,
      command: commandLine(env),
      keepSecrets: flags.keepSecrets === true,
      remove: flags.remove === true,
    }),
  );
  if (flags.json) {
    console.log(JSON.stringify(results));
    return;
  }
  for (const { file, changed } of results) {
    const what = flags.remove ? 'Hooks removed from' : 'Hooks installed in';
    console.error(changed ? `${what} ${file}.` : `${file}: nothing to change.`);
  }
  if (!flags.remove) {
    console.error(
      'Sessions are kept in .signalbox/sessions of each project, secrets redacted; `signalbox sessions list` shows them.',
    );
    if (providers.includes('codex')) {
      console.error(
        'Codex runs new hooks when you have trusted them there, with /hooks; older versions of it only when config.toml says `[features]` `codex_hooks = true`.',
      );
    }
  }
}

/** `signalbox` where a shell finds this very program by that name, else the whole path. */
function commandLine(env: Environment): string {
  const program = realpathSync(join(import.meta.dirname, '..', '..', 'bin', 'signalbox.js'));
  const found = (env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      const path = join(folder, 'signalbox');
      accessSync(path, constants.X_OK);
      return realpathSync(path) === program;
    } catch {
      return false;
    }
  });
  return found ? 'signalbox' : `${quoted(process.execPath)} ${quoted(program)}`;
}

const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `"${path.replaceAll(/["$`\\]/g, String.raw`\$&`)}"`;
