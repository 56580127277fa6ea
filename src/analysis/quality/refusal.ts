/**
 * Refusals, by how they begin: a text that only speaks of refusing begins otherwise. Each pattern reads the
 * beginning of the text alone and repeats nothing without a bound.
 */

const BEGINNING = 320;
/** What comes after a refusal is a few sentences; more than that answers something. */
const ANSWER_LENGTH_MIN = 700;

const EN_VERBS =
  'help(?! but)|assist|comply|fulfil|support (?:that|this|you)|do (?:that|this|so)|engage|participate|discuss|share|provide|generate|creat|writ|produc|answer|respond|continue|proceed|carry out|complete (?:that|this|your)|process (?:that|this|your)|give (?:you|out|advice|medical|legal|financial)|offer|advise|talk about|disclose|reveal';

const PATTERNS: readonly RegExp[] = [
  // English, with or without an excuse before it.
  new RegExp(
    String.raw`^(?:(?:i['’]?m|i am)(?: \w+)? sorry|sorry|i apologi[sz]e|my apologies|apologies|unfortunately|regrettably|thank you for \w+ \w+)?[\s,.!:;—–-]{0,4}(?:but |however,? )?(?:as an? (?:ai|artificial|language|assistant)[^.!?]{0,80}?[, ]{1,2})?i(?:['’]m| am| have| must)? ?(?:can['’]?t|can ?not|won['’]t|will not|['’]m unable to|unable to|not able to|['’]m not able to|not (?:allowed|permitted|authori[sz]ed|comfortable)(?: to)?|must decline|decline|to decline|refuse)(?: \w+){0,2} ?(?:to )?(?:${EN_VERBS})`,
    'i',
  ),
  /^(?:(?:i['’]?m|i am)(?: \w+)? sorry|sorry)[\s,.!]{1,3}(?:but )?(?:that|this|your|the) (?:request|question|topic|content)[^.!?]{0,60}(?:violat|against|not something i|goes against|i can['’]?t|inappropriate)/i,
  /^i(?:['’]d| would) (?:prefer|rather) not (?:to )?(?:help|assist|answer|discuss|do|share|provide|engage)/i,
  /^(?:(?:es )?tut mir (?:\S+ )?leid|entschuldigung|verzeihung|leider|bedauerlicherweise)?[\s,.!]{0,3}(?:aber )?(?:als ki[^.!?]{0,60}?, ?)?(?:ich|dabei|damit|hierbei|dazu|das|diese\S? \S{1,30}|leider)? ?(?:kann|darf|werde|möchte)(?: ich)?[^.!?]{0,60}(?:nicht|keine?\S?) ?[^.!?]{0,50}(?:helfen|unterstützen|behilflich|beantworten|bereitstellen|erstellen|nachkommen|geben|erfüllen|fortfahren)/i,
  /^(?:(?:je suis )?(?:\S+ )?désolée?|mes excuses|malheureusement|pardon)?[\s,.!]{0,3}(?:mais )?je (?:ne |n['’])(?:peux|puis|suis|pourrai)[^.!?]{0,60}(?:aider|assister|répondre|fournir|satisfaire|donner|continuer|traiter|créer|générer|discuter)/i,
  /^(?:lo siento(?: mucho)?|perdón?|disculpa\S{0,3}|lamentablemente|me temo que)?[\s,.!]{0,3}(?:pero )?(?:yo )?no (?:puedo|podré|me es posible|estoy autorizad[oa])[^.!?]{0,60}(?:ayudar|asistir|cumplir|proporcionar|responder|ofrecer|generar|crear|continuar|hablar)/i,
  /^(?:mi dispiace|spiacente|purtroppo|scusa\S{0,3})?[\s,.!]{0,3}(?:ma )?(?:io )?non (?:posso|potrò|sono (?:in grado|autorizzat[oa]))[^.!?]{0,60}(?:aiutar|assister|fornir|risponder|soddisfar|crear|generar|continuar)/i,
  /^(?:sinto muito|desculp\S{1,3}|lamento|infelizmente)?[\s,.!]{0,3}(?:mas )?(?:eu )?não (?:posso|poderei|consigo|estou autorizad[oa])[^.!?]{0,60}(?:ajudar|auxiliar|fornecer|responder|atender|cumprir|criar|gerar|continuar)/i,
  /^(?:het spijt me|sorry|helaas)?[\s,.!]{0,3}(?:maar )?(?:daar|hier|dat|ik|helaas)? ?(?:kan|mag|zal)(?: ik)?[^.!?]{0,60}(?:niet|geen)[^.!?]{0,50}(?:helpen|geven|beantwoorden|voldoen|verstrekken|maken)/i,
  /^(?:извините|простите|к сожалению|прошу прощения)?[\s,.!]{0,3}(?:но )?(?:я )?не (?:могу|смогу|вправе|в состоянии)[^.!?]{0,60}(?:помочь|помогать|предоставить|ответить|выполнить|обсуждать|создать)/i,
  /^(?:申し訳|すみません|恐れ入りますが|残念ながら|ごめんなさい)[^。]{0,80}(?:できません|できかねます|致しかねます|いたしかねます|お答えできません)/,
  /^(?:非常|很|十分)?(?:抱歉|对不起|對不起|不好意思)[，,。！\s]{0,3}(?:但是?|不过)?(?:我)?(?:无法|不能|没办法|無法|沒辦法)/,
  /^我(?:无法|不能|無法)(?:为|向|提供|协助|帮助|回答|满足|完成|執行|协)/,
  /^(?:죄송|미안)[^.!?]{0,80}(?:수 없|어렵습니다)/,
];

/** Where a text refuses to do what was asked; undefined when it does not. */
export function findRefusal(text: string): { readonly length: number } | undefined {
  const bare = text.trim();
  if (bare.length > ANSWER_LENGTH_MIN) return undefined;
  const beginning = bare.slice(0, BEGINNING);
  for (const pattern of PATTERNS) {
    const match = pattern.exec(beginning);
    if (match !== null) return { length: match[0].length };
  }
  return undefined;
}
