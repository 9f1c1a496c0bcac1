import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuardedEmbedder } from '../../shared/adapters/guarded-embedder/guarded-embedder.ts';
import { createLocalEmbedder } from '../../shared/adapters/local-embedder/local-embedder.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { finalEvent, openService, type TestService } from '../support/in-memory-service.ts';

const memories = {
  German: [
    'Meine Schwester hat drei Katzen.',
    'Ich repariere alte Fahrräder.',
    'Im März fliegen wir nach Japan.',
  ],
  Spanish: [
    'Mi hermano trabaja en un hospital de Sevilla.',
    'Tengo dos perros muy viejos.',
    'En verano siempre viajamos a Portugal.',
  ],
  French: [
    'Mes parents habitaient dans une petite maison à Lyon.',
    'J’ai acheté deux vélos pour les enfants.',
    'Je suis allergique aux noix.',
  ],
  Chinese: ['我住在北京朝阳区，每天骑自行车上班。', '我养了一只叫小白的猫。', '姐姐在医院当护士。'],
  Japanese: [
    '私は東京に住んでいて、毎朝公園を走ります。',
    '猫を二匹飼っています。',
    '姉は病院で看護師として働いています。',
  ],
  Russian: ['Моя сестра живёт в Москве.', 'У меня две старые собаки.', 'Я люблю зелёный чай.'],
  Thai: ['ฉันอาศัยอยู่ในกรุงเทพ', 'ฉันเลี้ยงแมวสองตัว', 'พี่สาวทำงานเป็นพยาบาล'],
} as const;

const questions: [keyof typeof memories, string, number][] = [
  ['German', 'Wie heißt die Katze meiner Schwester?', 0],
  ['German', 'Welches Fahrrad?', 1],
  ['Spanish', '¿Dónde trabajan mis hermanos?', 0],
  ['Spanish', '¿Cómo se llama el perro?', 1],
  ['French', 'Où habitent mes parents ?', 0],
  ['French', 'De quelle couleur est le vélo de mon enfant ?', 1],
  ['Chinese', '朝阳区', 0],
  ['Chinese', '猫叫什么名字？', 1],
  ['Japanese', '東京のどこに住んでいますか', 0],
  ['Japanese', '看護師は誰ですか', 2],
  ['Russian', 'Где живут мои сёстры?', 0],
  ['Russian', 'Как зовут мою собаку?', 1],
  ['Thai', 'ใครอาศัยอยู่ที่กรุงเทพ', 0],
  ['Thai', 'แมว', 1],
];

describe('memories in languages that the embedded model does not understand', () => {
  const embedder = createLocalEmbedder();
  let service: TestService;

  beforeAll(async () => {
    await embedder.warm();
    service = await openService({ embedder: createGuardedEmbedder(embedder, systemClock) });
    for (const [language, texts] of Object.entries(memories))
      for (const content of texts) {
        const messages = [{ role: 'user', content }];
        const body = { user_id: language.toLowerCase(), messages, infer: false };
        const added = await service.client('POST /v3/memories/add', { body });
        await finalEvent(service.client, added.body.event_id);
      }
  });
  afterAll(async () => {
    await service.close();
    await embedder.close();
  });

  it.each(questions)(
    '%s: "%s" finds the memory with an inflected form or a part of it',
    async (language, query, at) => {
      const body = { query, filters: { user_id: language.toLowerCase() } };

      // A search on a busy machine may not wait for the vector of its query, which the next one has.
      const first = async () =>
        (await service.client('POST /v3/memories/search', { body })).body.results[0]?.memory;

      await expect.poll(first, { timeout: 10_000 }).toBe(memories[language][at]);
    },
  );
});
