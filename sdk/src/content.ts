import { shared, warnOnce } from './shared-state.ts';

const CHARS_MAX = 262_144;
export const REDACTION_FAILED = '[redaction failed]';

/** What the user's hook makes of a text; a hook that throws lets nothing through. */
export function redacted(text: string, attribute: string): string {
  const { redact } = shared.settings;
  if (redact === undefined) return text;
  try {
    const result: unknown = redact(text, attribute);
    if (typeof result === 'string') return result;
  } catch (error) {
    warnOnce(
      'REDACT',
      `the redaction hook threw: ${error instanceof Error ? error.name : 'error'}`,
    );
  }
  return REDACTION_FAILED;
}

/**
 * Content as it may be put on a span: undefined when it is not to be recorded, which is the default. What is no
 * text is written as JSON. What is longer than 262,144 characters is cut after it was redacted.
 */
export function recordable(content: unknown, attribute: string): string | undefined {
  if (!shared.settings.captureContent || content === undefined) return undefined;
  const text = typeof content === 'string' ? content : toJson(content);
  if (text === undefined) return undefined;
  const result = redacted(text, attribute);
  return result.length > CHARS_MAX ? `${result.slice(0, CHARS_MAX)}…` : result;
}

function toJson(content: unknown): string | undefined {
  try {
    return JSON.stringify(content, (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
  } catch {
    return undefined;
  }
}
