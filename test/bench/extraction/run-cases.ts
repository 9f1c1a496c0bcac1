import { getOrCreateProject } from '../../../shared/core/projects/projects.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import type { Listed, SettledService } from '../settled-service.ts';
import { unrelatedTo } from './background.ts';
import type { Case } from './dataset.ts';
import { type Background, type CaseScore, isCopied, type Kept, scoreCase } from './score.ts';

/** Turns that wait at one time. */
const casesAtOnce = 160;

/** Time of the statements that come before a case. */
const backgroundAt = '2025-11-02T10:00:00Z';

/** Reads how a memory was made. A copy of a message counts as kept as said, whatever the store says. */
const readKept = async (
  { platform }: SettledService,
  project: string,
  testCase: Case,
  { id, memory: text }: Listed,
): Promise<Kept> => {
  const stored = await platform.store.get(memoryKey(project, id));
  const isMarked = stored?.source === 'verbatim';
  return { text, verbatim: isMarked || isCopied(testCase, text) };
};

const addTurn = async (
  service: SettledService,
  { id, zone, turns }: Case,
  turn: number,
): Promise<string | undefined> => {
  const said = turns[turn];
  if (!said) return undefined;
  const { at, messages } = said;
  const timezone = zone === undefined ? {} : { timezone: zone };
  return service.add({ user_id: id, messages, timestamp: at, ...timezone });
};

/** Memories, by id, that the persons of changes and retractions have before their case begins. */
const addBackgrounds = async (
  service: SettledService,
  cases: readonly Case[],
): Promise<Map<Case, Map<string, string>>> => {
  const changing = cases.filter(({ gone }) => gone.length > 0);
  const events = changing.map(({ id, turns }) => {
    const said = turns.flatMap(({ messages }) => messages.map(({ content }) => content));
    const messages = unrelatedTo(id, said.join('\n')).map((content) => ({ role: 'user', content }));
    return service.add({ user_id: id, messages, timestamp: backgroundAt });
  });
  await Promise.all(events);
  await service.settle();
  const backgrounds = new Map<Case, Map<string, string>>();
  for (const testCase of changing) {
    const listed = await service.list(testCase.id);
    backgrounds.set(testCase, new Map(listed.map(({ id, memory }) => [id, memory])));
  }
  return backgrounds;
};

const replacedOf = (known: ReadonlyMap<string, string>, listed: readonly Listed[]): Background => {
  const texts = new Map(listed.map(({ id, memory }) => [id, memory]));
  const replaced = [...known].filter(([id, text]) => texts.get(id) !== text);
  return { size: known.size, replaced: replaced.map(([, text]) => text) };
};

/**
 * Runs every case as a user of its own through the HTTP API, turn by turn, and scores the memories that are current after
 * each turn. A case with a change begins with unrelated memories, which count only if a turn of the case replaced or ended them.
 */
export const runCases = async (
  service: SettledService,
  cases: readonly Case[],
): Promise<CaseScore[]> => {
  const { id: project } = await getOrCreateProject(service.platform);
  const scores: CaseScore[] = [];
  for (let from = 0; from < cases.length; from += casesAtOnce) {
    const some = cases.slice(from, from + casesAtOnce);
    const backgrounds = await addBackgrounds(service, some);
    const states = new Map<Case, Kept[][]>(some.map((testCase) => [testCase, []]));
    const replaced = new Map<Case, Background>();
    const longest = Math.max(...some.map(({ turns }) => turns.length));
    for (let turn = 0; turn < longest; turn++) {
      const events = await Promise.all(some.map((testCase) => addTurn(service, testCase, turn)));
      await service.settle();
      await service.requireSuccess(events.filter((event) => event !== undefined));
      for (const testCase of some.filter(({ turns }) => turn < turns.length)) {
        const listed = await service.list(testCase.id);
        const known = backgrounds.get(testCase) ?? new Map<string, string>();
        replaced.set(testCase, replacedOf(known, listed));
        const kept = listed
          .filter(({ id, memory }) => known.get(id) !== memory)
          .map((memory) => readKept(service, project, testCase, memory));
        states.get(testCase)?.push(await Promise.all(kept));
      }
    }
    for (const testCase of some)
      scores.push(scoreCase(testCase, states.get(testCase) ?? [], replaced.get(testCase)));
  }
  return scores;
};
