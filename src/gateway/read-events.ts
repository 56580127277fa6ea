/** Of one event; a stream with a longer line is none of ours. */
const LINE_CHARACTERS_MAX = 256 * 1024;

/**
 * The data of each server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html) whose data is one
 * line; comments and other fields are passed over. `onBytes` is told of every sign of life.
 */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    onBytes();
    const lines = (text + decoder.decode(chunk, { stream: true })).split('\n');
    text = lines.pop()!;
    if (text.length > LINE_CHARACTERS_MAX) throw new Error('it sent a line that does not end');
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice('data: '.length);
  }
}
