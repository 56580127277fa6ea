import { describe, expect, test } from 'vitest';

import { findRefusal } from './refusal.ts';

describe('a refusal is found by how the text begins', () => {
  test.each([
    "I'm sorry, but I can't help with that.",
    'I’m sorry, but I can’t assist with that request.',
    'Sorry, I cannot provide medical advice.',
    "I apologize, but I'm not able to discuss this topic.",
    'As an AI language model, I cannot generate that content.',
    'I cannot comply with this request.',
    "I can't help you with that.",
    'I must decline to answer.',
    'I am unable to assist with that.',
    "Unfortunately, I won't be able to help you here. I can't help with weapons.",
    'Tut mir leid, dabei kann ich Ihnen nicht helfen.',
    'Es tut mir leid, aber ich kann diese Anfrage nicht beantworten.',
    'Leider darf ich keine medizinischen Ratschläge geben.',
    'Je suis désolé, mais je ne peux pas vous aider avec cela.',
    'Désolée, je ne peux pas répondre à cette question.',
    'Lo siento, pero no puedo ayudarte con eso.',
    'Mi dispiace, ma non posso aiutarti con questa richiesta.',
    'Desculpe, mas não posso ajudar com isso.',
    'Het spijt me, daar kan ik u niet mee helpen.',
    'Извините, но я не могу помочь с этим запросом.',
    '申し訳ありませんが、そのご要望にはお応えできません。',
    '抱歉，我无法协助您完成此请求。',
    '我无法提供该信息。',
    '죄송하지만 그 요청은 도와드릴 수 없습니다.',
  ])('%s', (text) => {
    expect(findRefusal(text)).toBeDefined();
  });
});

describe('a text that is no refusal passes', () => {
  test.each([
    'A refusal is when a model says "I cannot help with that".',
    'Models often begin with “I’m sorry, but I can’t assist” when a filter is hit.',
    "I can't find order 17 in the system. The newest order is 18.",
    "I can't help but notice that the totals differ.",
    "I'm sorry for the delay. Your parcel arrives on Monday.",
    'Sorry to hear that! I have refunded the order.',
    'Unfortunately the flight is sold out; the next one leaves at nine.',
    'The customer refused to provide a receipt, and I declined the claim.',
    'You cannot help everyone, says the author.',
    'Ich habe die Rechnung geprüft; sie kann nicht storniert werden.',
    'Leider ist der Artikel ausverkauft.',
    'Malheureusement, le vol est complet.',
    'No puedo encontrar el pedido 17; el último es el 18.',
    '抱歉让您久等了，您的订单已发货。',
    '죄송합니다. 배송이 하루 늦어집니다.',
    '',
  ])('%s', (text) => {
    expect(findRefusal(text)).toBeUndefined();
  });
});

test('what goes on to answer at length is no refusal', () => {
  const text = `I can't give legal advice, but here is how such contracts work. ${'They have parties and terms. '.repeat(30)}`;
  expect(findRefusal(text)).toBeUndefined();
});

test('a hostile text takes no time', () => {
  const started = performance.now();
  findRefusal(`I'm sorry, ${'kann ich nicht '.repeat(40)}`);
  findRefusal(`Leider kann ${'nicht '.repeat(100)}`);
  expect(performance.now() - started).toBeLessThan(500);
});
