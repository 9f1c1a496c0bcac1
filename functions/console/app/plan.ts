import { type Action, faultGroups, type Plan } from './simulation.ts';

const firstSeed = 7;
const maxSeed = 999_999_999;

const isAction = (what: string): what is Action['what'] =>
  what === 'crash' || faultGroups.some((group) => group === what);

const parseAction = (text: string): Action[] => {
  const [step = '', what = ''] = text.split('.');
  return /^\d{1,6}$/.test(step) && isAction(what) ? [{ step: Number(step), what }] : [];
};

export const seedOf = (text: string): number | undefined =>
  /^\d{1,9}$/.test(text) ? Math.min(Number(text), maxSeed) : undefined;

/** Reads a plan from the query of the address, which a link carries. Parts of another form are left out. */
export const parsePlan = (query: URLSearchParams): Plan => ({
  seed: seedOf(query.get('seed') ?? '') ?? firstSeed,
  actions: (query.get('do') ?? '').split('~').flatMap(parseAction),
  isBroken: query.get('broken') === '1',
});

/** Fragment of the address that repeats a run: `#/proof?seed=7&do=52.crash~60.model`. */
export const fragmentOf = ({ seed, actions, isBroken }: Plan): string => {
  const done = actions.map(({ step, what }) => `${step}.${what}`).join('~');
  return `#/proof?seed=${seed}${isBroken ? '&broken=1' : ''}${done === '' ? '' : `&do=${done}`}`;
};
