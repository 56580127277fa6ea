const CHARACTERS_MAX = 200_000;
const DEPTH_MAX = 40;

/**
 * JSON objects and arrays indented, any other text as it is. Only white space changes, so that long numbers,
 * repeated keys and escapes stay what was sent.
 */
export function indentJson(text: string): string {
  const first = text.trimStart()[0];
  if ((first !== '{' && first !== '[') || text.length > CHARACTERS_MAX) return text;
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return indentValid(text) ?? text;
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;

function indentValid(text: string): string | undefined {
  const out: string[] = [];
  let depth = 0;
  let before = '';
  for (const [token] of text.matchAll(TOKENS)) {
    const closes = token === '}' || token === ']';
    const opened = before === '{' || before === '[';
    if (closes) depth--;
    if (closes ? !opened : opened || before === ',') out.push('\n', '  '.repeat(depth));
    out.push(token === ':' ? ': ' : token);
    if (token === '{' || token === '[') depth++;
    if (depth > DEPTH_MAX) return undefined;
    before = token;
  }
  return out.join('');
}
