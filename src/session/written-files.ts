import { asObject, textIn } from './session-event.ts';
import type { NewEvent } from './session-event.ts';
import type { JsonObject } from '../base/verifier.ts';

const WRITERS =
  /^(?:Write|Edit|MultiEdit|NotebookEdit|write_file|replace|edit_file|create_file|search_replace|afterFileEdit)$/i;
const READERS = /^(?:Read|NotebookRead|read_file|view_file|read)$/i;
const SHELLS =
  /^(?:Bash|Shell|shell|local_shell|run_shell_command|exec_command|container\.exec|exec)$/i;
const PATCHERS = /^(?:apply_patch|patch)$/i;
const FILES_MAX = 100;

export interface TouchedFiles {
  readonly written: readonly string[];
  readonly read: readonly string[];
}

/** The files that a tool call names as read or written; of a shell command only plain redirections. */
export function touchedFiles(tool: string, input: JsonObject): TouchedFiles {
  if (WRITERS.test(tool)) return { written: pathsOf(input), read: [] };
  if (READERS.test(tool)) return { written: [], read: pathsOf(input) };
  const command = commandOf(input);
  if (PATCHERS.test(tool) || command.includes('*** Begin Patch')) {
    const patch = textIn(input, 'input') || textIn(input, 'patch') || command;
    return { written: patchedFiles(patch), read: [] };
  }
  if (SHELLS.test(tool)) return { written: redirections(command), read: [] };
  return { written: [], read: [] };
}

function pathsOf(input: JsonObject): string[] {
  const keys = ['file_path', 'notebook_path', 'absolute_path', 'path', 'target_file', 'filePath'];
  const path = keys.map((key) => textIn(input, key)).find((each) => each !== '');
  return path === undefined ? [] : [path];
}

function commandOf(input: JsonObject): string {
  const command = input['command'] ?? input['cmd'] ?? asObject(input['action'])?.['command'];
  if (typeof command === 'string') return command;
  // `["bash", "-lc", "the command"]`.
  return Array.isArray(command) ? command.filter((part) => typeof part === 'string').join(' ') : '';
}

function patchedFiles(patch: string): string[] {
  const marks = patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.{1,1024})$/gm);
  return distinct([...marks].map((match) => match[1]!.trim()));
}

/** Targets of `>`, `>>` and `tee` that are plain names: no variables, patterns or descriptors, outside of quotes. */
function redirections(command: string): string[] {
  // A here-document is content, not command.
  const plain = command.replaceAll(/<<-?\s*(['"]?)(\w+)\1[\s\S]*?^\s*\2$/gm, '');
  const quoted = /'[^']*'|"(?:[^"\\]|\\.)*"/g;
  const words = plain.replaceAll(quoted, (text) =>
    /^["'][\w./~@+-]+["']$/.test(text) ? text.slice(1, -1) : ' "" ',
  );
  const found = words.matchAll(
    /(?:(?<![<>&\d-])1?>>?\|?|&>>?|\btee\s+(?:-a\s+)?)\s*([\w./~@+-]{1,1024})(?![\w$*?{&(])/g,
  );
  return distinct([...found].map((match) => match[1]!)).filter(
    (path) => !path.startsWith('/dev/') && !path.startsWith('-'),
  );
}

const distinct = (paths: readonly string[]): string[] => [...new Set(paths)].slice(0, FILES_MAX);

/** The files that a tool call touched, as events of their own below the call. */
export function fileEvents(
  call: { readonly tool: string; readonly input: JsonObject },
  place: Pick<NewEvent, 'parentId' | 'timeNs'>,
): NewEvent[] {
  const { written, read } = touchedFiles(call.tool, call.input);
  const touched =
    (type: 'file_read' | 'file_write') =>
    (path: string): NewEvent => ({ ...place, type, data: { path, tool_name: call.tool } });
  return [...written.map(touched('file_write')), ...read.map(touched('file_read'))];
}
