import {
  chmodSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { makeDirectory } from '../base/make-directory.ts';
import { AppError, messageOf } from '../errors.ts';
import type { HookName, Provider } from './hook-event.ts';
import { asObject, objectsOf, textIn } from './session-event.ts';
import type { Json, JsonObject } from '../base/verifier.ts';

/**
 * Hooks in the settings of coding agents. Ours are known by their command; whatever else a file holds, of the user's
 * or of another tool's, is left as it is.
 * https://code.claude.com/docs/en/hooks, https://developers.openai.com/codex/hooks,
 * https://geminicli.com/docs/hooks, https://cursor.com/docs/hooks
 */

type Events = Readonly<Record<string, HookName>>;

const CLAUDE: Events = {
  SessionStart: 'session-start',
  UserPromptSubmit: 'user-prompt',
  PreToolUse: 'pre-tool',
  PostToolUse: 'post-tool',
  PostToolUseFailure: 'post-tool-failure',
  SubagentStart: 'subagent-start',
  SubagentStop: 'subagent-stop',
  PreCompact: 'compact',
  Stop: 'stop',
  SessionEnd: 'session-end',
};

const CODEX: Events = {
  SessionStart: 'session-start',
  UserPromptSubmit: 'user-prompt',
  PreToolUse: 'pre-tool',
  PostToolUse: 'post-tool',
  SubagentStart: 'subagent-start',
  SubagentStop: 'subagent-stop',
  PreCompact: 'compact',
  Stop: 'stop',
};

const GEMINI: Events = {
  SessionStart: 'session-start',
  BeforeAgent: 'user-prompt',
  BeforeTool: 'pre-tool',
  AfterTool: 'post-tool',
  AfterModel: 'model-response',
  AfterAgent: 'agent-response',
  PreCompress: 'compact',
  SessionEnd: 'session-end',
};

const CURSOR: Events = {
  sessionStart: 'session-start',
  beforeSubmitPrompt: 'user-prompt',
  preToolUse: 'pre-tool',
  postToolUse: 'post-tool',
  postToolUseFailure: 'post-tool-failure',
  afterFileEdit: 'file-edit',
  afterAgentResponse: 'agent-response',
  preCompact: 'compact',
  stop: 'stop',
  sessionEnd: 'session-end',
};

interface SettingsFile {
  readonly folder: string;
  readonly file: string;
  readonly events: Events;
  /** Cursor lists commands; the others group them below matchers. */
  readonly flat: boolean;
  /** In the agent's unit: Gemini counts milliseconds. */
  readonly timeout: number;
  /** The agent passes over hooks without a matcher for some events. */
  readonly matcher: boolean;
}

const FILES: Readonly<Record<Provider, SettingsFile>> = {
  claude: {
    folder: '.claude',
    file: 'settings.json',
    events: CLAUDE,
    flat: false,
    timeout: 10,
    matcher: true,
  },
  codex: {
    folder: '.codex',
    file: 'hooks.json',
    events: CODEX,
    flat: false,
    timeout: 10,
    matcher: false,
  },
  gemini: {
    folder: '.gemini',
    file: 'settings.json',
    events: GEMINI,
    flat: false,
    timeout: 10_000,
    matcher: true,
  },
  cursor: {
    folder: '.cursor',
    file: 'hooks.json',
    events: CURSOR,
    flat: true,
    timeout: 10,
    matcher: false,
  },
};

export interface SetupOptions {
  readonly provider: Provider;
  /** The project, or the user's home. */
  readonly folder: string;
  /** How to start this program, in a shell. */
  readonly command: string;
  readonly keepSecrets: boolean;
  readonly remove: boolean;
}

export interface SetupResult {
  readonly provider: Provider;
  readonly file: string;
  readonly changed: boolean;
}

/** Installs or removes hooks; doing it again changes nothing. Throws when the file is not JSON, and leaves it then. */
export function changeHooks(options: SetupOptions): SetupResult {
  const { provider, remove } = options;
  const place = FILES[provider];
  const file = join(options.folder, place.folder, place.file);
  const there = existsSync(file);
  if (!there && remove) return { provider, file, changed: false };
  const before = there ? readSettings(file) : {};
  const after = withHooks(before, options);
  const changed = JSON.stringify(after) !== JSON.stringify(before);
  if (changed && there) replaceText(file, after);
  else if (changed) {
    makeDirectory(dirname(file), 0o755);
    writeFileSync(file, `${JSON.stringify(after, null, 2)}\n`);
  }
  return { provider, file, changed };
}

/** Puts other settings in the place of a file's, with its rights and indentation; a link stays one. */
function replaceText(file: string, settings: JsonObject): void {
  const target = realpathSync(file);
  const { mode } = statSync(target);
  if ((mode & 0o222) === 0) {
    throw new AppError(
      'CONFIG_INVALID',
      `${file} is read-only, and is left as it is; \`chmod u+w\` lets it be written`,
    );
  }
  const indent = /^[ \t]+(?=")/m.exec(readFileSync(target, 'utf8'))?.[0] ?? 2;
  const draft = `${target}.${process.pid}`;
  // Nobody may read it meanwhile who may not read the file.
  writeFileSync(draft, `${JSON.stringify(settings, null, indent)}\n`, { mode: 0o600 });
  chmodSync(draft, mode & 0o777);
  renameSync(draft, target);
}

function readSettings(file: string): JsonObject {
  let text = '';
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    const settings = asObject(JSON.parse(text) as Json);
    if (settings === undefined) throw new TypeError('it is not an object');
    const { hooks = {} } = settings;
    const byEvent = asObject(hooks);
    if (byEvent === undefined || !Object.values(byEvent).every(isList))
      throw new TypeError('its `hooks` are not lists by event');
    return settings;
  } catch (error) {
    // Some agents allow both, but a file that is written anew would lose them.
    const isLoose = /(?:^|[\s,{[])\/[/*]|,\s*[}\]]/.test(text);
    const remedy = isLoose ? '; it holds comments or trailing commas: take them out first' : '';
    throw new AppError(
      'CONFIG_INVALID',
      `${file} cannot be read, and is left as it is: ${messageOf(error)}${remedy}`,
    );
  }
}

function withHooks(settings: JsonObject, options: SetupOptions): JsonObject {
  const place = FILES[options.provider];
  const hooks: Record<string, Json> = {};
  for (const [event, list] of Object.entries(asObject(settings['hooks']) ?? {})) {
    const others = withoutOurs(list);
    // A list that held nothing but ours goes with them.
    if (!Array.isArray(others) || others.length > 0 || !isList(list) || list.length === 0)
      hooks[event] = others;
  }
  if (!options.remove) {
    for (const [event, hook] of Object.entries(place.events)) {
      const present = hooks[event];
      hooks[event] = [...(isList(present) ? present : []), entryOf(place, hook, options)];
    }
  }
  const { hooks: _hooks, ...rest } = settings;
  if (Object.keys(hooks).length === 0) return rest;
  const ours = place.flat && !('version' in settings) ? { version: 1, ...rest } : rest;
  return { ...ours, hooks };
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** A list of hooks without ours, grouped below matchers or not. */
function withoutOurs(list: Json): Json {
  if (!isList(list)) return list;
  return list.flatMap((entry): Json[] => {
    const group = asObject(entry);
    if (group === undefined) return [entry];
    if (isOurs(group)) return [];
    if (!isList(group['hooks'])) return [entry];
    const others = group['hooks'].filter((hook) => !isOurs(asObject(hook) ?? {}));
    if (others.length === group['hooks'].length) return [entry];
    return others.length === 0 ? [] : [{ ...group, hooks: others }];
  });
}

const OURS = /signalbox(?:\.js)?["']?\s+hook\s+--provider\s/;

const isOurs = (hook: JsonObject): boolean => OURS.test(textIn(hook, 'command'));

function entryOf(place: SettingsFile, hook: HookName, options: SetupOptions): JsonObject {
  const keep = options.keepSecrets ? ' --keep-secrets' : '';
  const command = `${options.command} hook --provider ${options.provider}${keep} ${hook}`;
  if (place.flat) return { command, timeout: place.timeout };
  const matcher = place.matcher && hook.includes('tool') ? { matcher: '*' } : {};
  return { ...matcher, hooks: [{ type: 'command', command, timeout: place.timeout }] };
}

/** How many hooks of ours a file has. */
export function countHooks(provider: Provider, folder: string): number {
  const place = FILES[provider];
  const file = join(folder, place.folder, place.file);
  if (!existsSync(file)) return 0;
  const hooks = asObject(readSettings(file)['hooks']) ?? {};
  return Object.values(hooks)
    .flatMap((list) => objectsOf(list))
    .flatMap((entry) => (isOurs(entry) ? [entry] : objectsOf(entry['hooks'])))
    .filter(isOurs).length;
}
