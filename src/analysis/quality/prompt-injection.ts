/** Texts that try to give a model orders over its instructions. Case is ignored; nothing repeats without a bound. */

const PATTERNS: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  {
    kind: 'instructions overridden',
    pattern:
      /\b(?:ignore|disregard|forget|override|bypass)\s{1,3}(?:(?:all|any|every|of|the|your|my|these|those)\s{1,3}){0,4}(?:previous|prior|above|earlier|preceding|foregoing|system|original|initial|existing)\s{1,3}(?:\w{1,20}\s{1,3}){0,2}?(?:instructions?|prompts?|rules?|directions?|directives?|messages?|guidelines?|context)\b/i,
  },
  {
    kind: 'instructions overridden',
    pattern:
      /(?:ignorier(?:e|en sie)|vergiss|missachte)\s{1,3}(?:\S{1,10}\s{1,3}){0,2}(?:vorherigen|bisherigen|obigen|früheren|ursprünglichen)\s{1,3}(?:anweisung|instruktion|regel|vorgabe|befehl)/i,
  },
  {
    kind: 'instructions overridden',
    pattern:
      /(?:ignor(?:e[zr]?|a[r]?|em)|oublie[zr]?|olvida|esque[çc]a|dimentica)\s{1,3}(?:\S{1,8}\s{1,3}){0,3}(?:instru(?:ctions?|cciones|ções|zioni)|consignes|règles|reglas|regras|regole)\s{1,3}(?:\S{1,8}\s{1,3})?(?:précédente?s|antérieures|anteriores|previas|prévias|precedenti)/i,
  },
  {
    kind: 'instructions overridden',
    pattern:
      /(?:忽略|无视|忘记|忽視|無視)[^。\n]{0,8}(?:之前|以上|上面|前面|先前|所有)[^。\n]{0,6}(?:指令|指示|说明|提示|规则|規則)|(?:以前|上記|これまで|前)の(?:すべての)?(?:指示|命令|ルール)を?(?:無視|忘れ)/,
  },
  {
    kind: 'instructions overridden',
    pattern:
      /(?:игнорируй(?:те)?|забудь(?:те)?)\s{1,3}(?:\S{1,8}\s{1,3}){0,2}(?:предыдущие|прежние|все)\s{1,3}(?:\S{1,12}\s{1,3})?(?:инструкции|указания|правила)/i,
  },
  {
    kind: 'system prompt asked for',
    pattern:
      /\b(?:reveal|print|show|repeat|output|leak|display|tell|give)\s{1,3}(?:me\s{1,3})?(?:all\s{1,3}of\s{1,3})?(?:your|the)\s{1,3}(?:(?:full|entire|exact|complete|hidden|secret|original|initial)\s{1,3}){0,2}(?:system\s{1,3}(?:prompt|message|instructions?)|(?:initial|original|hidden|secret)\s{1,3}(?:prompt|instructions?))/i,
  },
  {
    kind: 'role replaced',
    pattern:
      /\b(?:you\s{1,3}are\s{1,3}now|act\s{1,3}as|pretend\s{1,3}(?:to\s{1,3}be|you\s{1,3}are)|from\s{1,3}now\s{1,3}on\s{1,3}you\s{1,3}are)\s{1,3}(?:an?\s{1,3}|in\s{1,3})?(?:dan\b|developer\s{1,3}mode|jailbroken|unrestricted|unfiltered|uncensored|evil)/i,
  },
  { kind: 'role replaced', pattern: /\bdo\s{1,3}anything\s{1,3}now\b/i },
  {
    kind: 'chat markup',
    pattern:
      /<\|(?:im_start|im_end|system|start_header_id|endoftext|eot_id)\|>|<<\/?SYS>>|\[\/?INST\]/,
  },
  {
    kind: 'forged system message',
    pattern:
      /(?:^|\n)[ \t]{0,8}(?:#{2,4}|\*\*|<)?[ \t]{0,2}(?:system(?:\s{1,2}(?:prompt|message|override))?|new\s{1,3}(?:system\s{1,3})?instructions?)(?:\*\*|>)?[ \t]{0,2}:[ \t]{0,2}\S/i,
  },
  // Text in tag characters is seen by models and not by people; a flag of a region has six at most.
  { kind: 'invisible text', pattern: /[\u{E0020}-\u{E007E}]{8,}/u },
];

export interface Injection {
  readonly kind: string;
  readonly index: number;
  readonly length: number;
}

/** The first attempt found in a text, in the order of the patterns; undefined for none. */
export function findInjection(text: string): Injection | undefined {
  for (const { kind, pattern } of PATTERNS) {
    const match = pattern.exec(text);
    if (match !== null) return { kind, index: match.index, length: match[0].length };
  }
  return undefined;
}
