/** Phrases that talk a reader into something: a heuristic that raises the cost of an attack, no protection. */
const PHRASES = [
  /ignore\s{1,20}(?:all\s{1,20})?(?:previous|prior|above)\s{1,20}(?:instructions|rules)/i,
  /disregard\s{1,20}(?:all\s{1,20})?(?:previous|prior|your)\s{1,20}(?:instructions|rules)/i,
  /you\s{1,20}are\s{1,20}now\b/i,
  /system\s{0,20}prompt\s{0,20}:/i,
  /override\s{1,20}(?:the\s{1,20})?policy/i,
  /pre-?approved/i,
  /do\s{1,20}not\s{1,20}(?:deny|escalate)/i,
  /must\s{1,20}(?:be\s{1,20})?approve/i,
  /pretend\s{1,20}(?:you\s{1,20}are|to\s{1,20}be)/i,
  /\bact\s{1,20}as\s{1,20}(?:an?\s|if\s|the\s)/i,
  /important\s{0,20}:\s{0,20}(?:this|override|approve|ignore)/i,
  /confidence\s{1,20}should\s{1,20}be/i,
  /<\/?(?:system|important|instructions)>/i,
  /do\s{1,20}not\s{1,20}(?:tell|mention|inform)\b.{0,40}\b(?:user|human)/i,
];

const CHARACTERS_MAX = 262_144;

/** Whether any text within the value has such a phrase; the first quarter million characters are looked at. */
export function hasInjectionRisk(value: unknown): boolean {
  let left = CHARACTERS_MAX;
  const looksAt = (inner: unknown, depth: number): boolean => {
    if (typeof inner === 'string') {
      const text = inner.slice(0, Math.max(0, left));
      left -= text.length;
      return PHRASES.some((phrase) => phrase.test(text));
    }
    if (typeof inner !== 'object' || inner === null || depth > 64) return false;
    return Object.values(inner).some((part) => looksAt(part, depth + 1));
  };
  return looksAt(value, 0);
}
