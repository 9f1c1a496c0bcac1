import { afterAll, describe, expect, it } from 'vitest';
import { extractor, learnt } from './learn.ts';

afterAll(() => extractor.close());

/** Wednesday. */
const wednesday = Date.parse('2026-06-10T10:00:00Z');

describe('statements of other languages', () => {
  it.each([
    ['tengo 34 años y soy enfermera', ['is 34 years old', 'is enfermera']],
    ['Ich bin 41 und habe drei Kinder.', ['is 41 years old', 'has three children']],
    ['ich rauche seit März nicht mehr', ['no longer smokes since March 2026']],
    ['Am 3. Juli ziehe ich nach Leipzig.', ['is moving to Leipzig on 3 July 2026']],
    ['je ne fume plus', ['no longer smokes']],
    ['ho due gatti e un cane', ['has two cats and a dog']],
    ['não suporto coentro', ['hates coentro']],
    ['ontem adotei uma gatinha', ['adopted a kitten on 9 June 2026']],
    ['ik lust geen spruitjes', ['hates spruitjes']],
    ['у меня аллергия на орехи', ['is allergic to орехи']],
    ['я бросил курить', ['stopped smoking']],
    ['我今年30岁，住在成都', ['is 30 years old', 'lives in 成都']],
    ['猫を二匹飼っています', ['has two cats']],
    [
      'ich ziehe am Freitagabend nach Leipzig',
      ['is moving to Leipzig on the evening of 12 June 2026'],
    ],
    ['me mudei para Braga há duas semanas', ['lives in Braga (moved there around 27 May 2026)']],
    ['Antworte mir bitte immer auf Deutsch', ['wants the assistant to answer in German']],
  ])('%j', async (said, facts) => {
    expect(await learnt(said, [], wednesday)).toEqual(
      facts.map((fact) => `ADD User ${fact} ("${said.replace(/[.]$/, '')}").`),
    );
  });

  it.each([
    [
      'mi hermana Ana vive en Lima y trabaja en un banco',
      ['sister Ana lives in Lima', 'sister Ana works at a banco'],
    ],
    ['meine Mutter wohnt in Kiel', ['mother lives in Kiel']],
    ['mon fils est allergique aux arachides', ['son is allergic to arachides']],
    ['妹は東京に住んでいます', ['sister lives in 東京']],
    ['我妈妈住在北京', ['mother lives in 北京']],
  ])('%j is about a person of the speaker', async (said, facts) => {
    expect(await learnt(said)).toEqual(facts.map((fact) => `ADD User's ${fact} ("${said}").`));
  });

  it('a clause that cannot be read is kept as said beside the one that can', async () => {
    expect(await learnt('vivo en Lugo, me duele la rodilla')).toEqual([
      'ADD User lives in Lugo ("vivo en Lugo, me duele la rodilla").',
      'ADD User said: "vivo en Lugo, me duele la rodilla"',
    ]);
  });

  it.each([
    ['ya no juego al pádel', 'User plays pádel on Tuesdays ("Juego al pádel los martes").'],
    ['non vado più in palestra', 'User goes to palestra ("vado in palestra").'],
    ['Fritz ist gestorben', 'User has a dog named Fritz ("Wir haben einen Dackel namens Fritz").'],
    ["J'ai démissionné de Thales", 'User works at Thales ("Je travaille chez Thales").'],
    ['我已经戒烟了', 'User smokes 一包烟 every day ("我每天抽一包烟").'],
  ])('%j ends what was known', async (said, known) => {
    const changes = await learnt(said, [known]);

    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatch(/^(?:UPDATE|DELETE) m0/);
  });

  it.each([
    'Kannst du mir die Mail kürzer schreiben?',
    'puoi riassumere questo testo',
    'これを要約してください。',
    'объясни мне это',
  ])('%j asks for something, and teaches nothing', async (said) => {
    expect(await learnt(said)).toEqual(['NONE']);
  });
});
