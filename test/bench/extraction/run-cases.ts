import { getOrCreateProject } from '../../../shared/core/projects/projects.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import type { Listed, SettledService } from '../settled-service.ts';
import type { Case } from './dataset.ts';
import { type CaseScore, isCopied, type Kept, scoreCase } from './score.ts';

/** Turns that wait at one time. */
const casesAtOnce = 160;

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

/**
 * Runs every case as a user of its own through the HTTP API, turn by turn, and scores the memories that are current after
 * each turn.
 */
export const runCases = async (
  service: SettledService,
  cases: readonly Case[],
): Promise<CaseScore[]> => {
  const { id: project } = await getOrCreateProject(service.platform);
  const scores: CaseScore[] = [];
  for (let from = 0; from < cases.length; from += casesAtOnce) {
    const some = cases.slice(from, from + casesAtOnce);
    const states = new Map<Case, Kept[][]>(some.map((testCase) => [testCase, []]));
    const longest = Math.max(...some.map(({ turns }) => turns.length));
    for (let turn = 0; turn < longest; turn++) {
      const events = await Promise.all(some.map((testCase) => addTurn(service, testCase, turn)));
      await service.settle();
      await service.requireSuccess(events.filter((event) => event !== undefined));
      for (const testCase of some.filter(({ turns }) => turn < turns.length)) {
        const listed = await service.list(testCase.id);
        const kept = listed.map((memory) => readKept(service, project, testCase, memory));
        states.get(testCase)?.push(await Promise.all(kept));
      }
    }
    scores.push(...some.map((testCase) => scoreCase(testCase, states.get(testCase) ?? [])));
  }
  return scores;
};
