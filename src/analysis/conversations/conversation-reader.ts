import { groupBy } from '../../base/group-by.ts';
import type { ThreadRun } from '../../model/conversation.ts';
import type { Run } from '../../model/run.ts';
import type { ConversationStore, ThreadPosition } from '../../storage/conversation-store.ts';
import type { RunSpan, RunStore } from '../../storage/run-store.ts';
import type { FoundRun } from '../runs/find-runs.ts';
import { findRunsIn } from '../runs/find-runs.ts';
import { inParts, readTraces } from '../runs/read-traces.ts';
import type { PayloadTexts } from '../runs/run-content.ts';
import { hashesIn, resolveContent, textsOf } from '../runs/run-content.ts';
import { pairTools, Thread } from './join-thread.ts';
import { messageHashesIn } from './span-messages.ts';

/** The last words of a conversation. */
export interface LastWords {
  readonly role: 'user' | 'assistant';
  /** Its beginning. */
  readonly text: string;
}

/** What was said in conversations, read from the spans as they are now. An answer is of the one project asked for. */
export interface ConversationReader {
  /** The runs by start with what was said in each; undefined for a conversation without runs. */
  readThread(
    project: string,
    conversation: string,
    page: { readonly after: ThreadPosition | undefined; readonly limit: number },
  ): Promise<
    { readonly runs: readonly ThreadRun[]; readonly next: ThreadPosition | undefined } | undefined
  >;

  /** By conversation; without those of which nothing was captured. */
  readLastWords(
    project: string,
    conversations: readonly string[],
  ): Promise<ReadonlyMap<string, LastWords>>;
}

/** Runs before a page that are looked at to know what was said already. */
const RUNS_BEFORE = 2;
/** Spans of one trace that are looked at. */
const SPANS_MAX = 20_000;
const PAYLOADS_AT_ONCE = 200;
/** Characters of payloads that a page holds; what is beyond is left out. */
const PAGE_CHARACTERS_MAX = 16 * 1024 * 1024;
const PAYLOAD_CHARACTERS_MAX = 256 * 1024;
const WORDS_MAX = 280;
/** JSON within JSON: the message that it stands for is one text. */
const TOO_LONG = JSON.stringify('This message is too long to be shown here; its span has it.');

export function createConversationReader(options: {
  readonly conversations: ConversationStore;
  readonly runs: RunStore;
}): ConversationReader {
  const { conversations, runs: store } = options;
  return {
    async readThread(project, conversation, { after, limit }) {
      const found = await conversations.listRuns(project, conversation, {
        after,
        limit: limit + 1,
      });
      if (found.length === 0 && after === undefined) return undefined;
      const page = found.slice(0, limit);
      const before =
        after === undefined || page.length === 0
          ? []
          : await conversations.listRuns(project, conversation, {
              before: page[0]!,
              limit: RUNS_BEFORE,
            });
      const read = await readRuns(store, project, [...before, ...page]);
      const payloads = await lookUp(store, project, [...read.values()]);
      const thread = new Thread();
      for (const run of before) {
        const known = read.get(run);
        if (known !== undefined) thread.add(known, payloads.texts);
      }
      const said = page.map((run) => {
        const known = read.get(run);
        return known === undefined
          ? { messages: [], truncated: run.truncated }
          : thread.add(known, payloads.texts);
      });
      const paired = pairTools(said.map(({ messages }) => messages));
      return {
        runs: page.map((run, at) => ({
          run,
          messages: paired[at]!,
          truncated: said[at]!.truncated || payloads.truncated,
        })),
        next: found.length > limit ? page.at(-1) : undefined,
      };
    },

    async readLastWords(project, ids) {
      if (ids.length === 0) return new Map();
      const last = await conversations.lastRuns(project, ids);
      const read = await readRuns(store, project, last);
      const texts = new Map([...read].map(([run, found]) => [run, textsOf(found)]));
      const hashes = [...texts.values()].flatMap(({ input, output }) =>
        hashesIn({ input, output, tools: [] }),
      );
      const payloads = await store.getPayloads(project, hashes, PAYLOAD_CHARACTERS_MAX);
      const words = new Map<string, LastWords>();
      for (const [{ conversation }, { input, output }] of texts) {
        const lookup: PayloadTexts = (hash) => payloads.get(hash);
        const answered = resolveContent(output, 'output', lookup)?.text.trim() ?? '';
        const asked = resolveContent(input, 'input', lookup)?.text.trim() ?? '';
        const role = answered === '' ? 'user' : 'assistant';
        const text = (answered || asked).slice(0, WORDS_MAX);
        if (text !== '') words.set(conversation, { role, text });
      }
      return words;
    },
  };
}

/** The runs as they are found in their traces; without those that are not. */
async function readRuns(
  store: RunStore,
  project: string,
  runs: readonly Run[],
): Promise<ReadonlyMap<Run, FoundRun>> {
  const byTrace = groupBy(runs, ({ traceId }) => traceId);
  const tasks = [...byTrace].map(([traceId, own]) => {
    const starts = own.map(({ startNs }) => Number(startNs / 1_000_000n));
    return {
      traceId,
      isWhole: false,
      isNew: false,
      spans: own.reduce((sum, { spanCount }) => sum + spanCount, 0),
      starts: { fromMs: Math.min(...starts), toMs: Math.max(...starts) },
    };
  });
  const found = new Map<Run, FoundRun>();
  for (const part of inParts(tasks)) {
    const reads = await readTraces(project, part, { store, traceSpansMax: SPANS_MAX });
    for (const [traceId, { spans }] of reads) {
      const byId = new Map(findRunsIn(spans).map((run) => [run.runId, run]));
      for (const run of byTrace.get(traceId) ?? []) {
        const known = byId.get(run.runId);
        if (known !== undefined) found.set(run, known);
      }
    }
  }
  return found;
}

/** The payloads that the runs' calls refer to, as far as a page may hold. */
async function lookUp(
  store: RunStore,
  project: string,
  runs: readonly FoundRun[],
): Promise<{ texts: PayloadTexts; truncated: boolean }> {
  const hashes = new Set<string>();
  for (const run of runs) {
    for (const span of spansOf(run)) for (const hash of messageHashesIn(span)) hashes.add(hash);
  }
  const wanted = [...hashes];
  const texts = new Map<string, string>();
  let characters = 0;
  let at = 0;
  for (; at < wanted.length && characters < PAGE_CHARACTERS_MAX; at += PAYLOADS_AT_ONCE) {
    const some = wanted.slice(at, at + PAYLOADS_AT_ONCE);
    const found = await store.getPayloads(project, some, PAYLOAD_CHARACTERS_MAX);
    for (const [hash, text] of found) {
      characters += text.length;
      texts.set(hash, text.length < PAYLOAD_CHARACTERS_MAX ? text : TOO_LONG);
    }
  }
  // What was not looked up is no message, which leaves JSON what it is.
  const known = new Set(wanted.slice(0, at));
  return {
    texts: (hash) => texts.get(hash) ?? (known.has(hash) ? undefined : 'null'),
    truncated: at < wanted.length,
  };
}

function spansOf(run: FoundRun): RunSpan[] {
  const calls = [...run.modelCalls, ...run.toolCalls].map(({ span }) => span);
  return run.root === undefined ? calls : [run.root.span, ...calls];
}
