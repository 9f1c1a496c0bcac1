import type { DeletionResult } from '../support/aws-model/measure-deletion.ts';
import type { CostOfAdd, LoadResult } from '../support/aws-model/measure-load.ts';

/** Measurements of a load: the price of an add, and the highest rate that was sustained. */
export interface Measured {
  cost?: CostOfAdd | undefined;
  sustained?: LoadResult | undefined;
  /** The largest of all rates: beyond what is sustained an endpoint is still served as fast. */
  deliveriesPerSecond?: number;
}

export interface Figures {
  loads: ReadonlyMap<string, Measured>;
  /** Read units of a page of events. */
  eventPage: number;
  deletion: DeletionResult & { memories: number };
  index: 'pinecone' | 's3vectors';
}

interface Goal {
  name: string;
  figure: string;
  /** undefined: not measured by this run. */
  isMet: boolean | undefined;
}

const rate = 1_000;
const deletedMemories = 100_000;

const perSecond = (
  { sustained, deliveriesPerSecond }: Measured = {},
  hasConflicts = false,
): string => {
  if (!sustained) return deliveriesPerSecond === undefined ? 'not measured' : 'no rate sustained';
  const conflicts = `${sustained.conflictsPerRefinement.toFixed(4)} conflicts a refinement at `;
  return `${hasConflicts ? conflicts : ''}${sustained.ratePerSecond} adds/s`;
};

/** Goals of what the stack on AWS takes, and how far they are met. */
const goalsOf = ({ loads, eventPage, deletion, index }: Figures): Goal[] => {
  const [users, agent, deliveries] = ['users', 'agent', 'deliveries'].map(
    (name): Measured => loads.get(name) ?? {},
  );
  const sustains = (measured: Measured | undefined): boolean | undefined =>
    measured?.deliveriesPerSecond === undefined
      ? undefined
      : (measured.sustained?.ratePerSecond ?? 0) >= rate;
  const scaled = deletedMemories / deletion.memories;
  const cost = users?.cost;
  const posts = deliveries?.deliveriesPerSecond;
  return [
    {
      name: `${rate} adds/s of an installation, one project with many users`,
      figure: perSecond(users),
      isMet: sustains(users),
    },
    {
      name: `${rate} refinements/s of a project, less than 1 % conflicts`,
      figure: perSecond(users, true),
      isMet: sustains(users) && (users?.sustained?.conflictsPerRefinement ?? Number.NaN) < 0.01,
    },
    {
      name: '500 deliveries/s to one endpoint with 64 in flight, none lost',
      figure: posts === undefined ? 'not measured' : `${posts.toFixed(0)} deliveries/s`,
      isMet: posts === undefined ? undefined : posts >= 500,
    },
    {
      name: 'a page of 100 events for 60 read units',
      figure: `${eventPage} read units`,
      isMet: eventPage <= 60,
    },
    {
      name: 'a delete-all of 100,000 memories in 15 minutes for $1',
      figure: `${(deletion.minutes * scaled).toFixed(1)} minutes, $${(deletion.dollars * scaled).toFixed(2)} (scaled from ${deletion.memories} memories)`,
      isMet: deletion.erased && deletion.minutes * scaled <= 15 && deletion.dollars * scaled <= 1,
    },
    {
      name: `${rate} adds/s with one shared agent`,
      figure: perSecond(agent),
      isMet: sustains(agent),
    },
    {
      name: 'a million adds for $68 on AWS',
      figure: cost ? `$${cost.aws.toFixed(2)}` : 'not measured',
      isMet: cost && cost.aws <= 68,
    },
    {
      name: '68 write units an add',
      figure: cost ? `${cost.writeUnits.toFixed(1)} write units` : 'not measured',
      isMet: cost && cost.writeUnits <= 68,
    },
  ].map((goal) => ({ ...goal, name: `${goal.name} (${index})` }));
};

/** Prints each goal with what was measured. */
export const printGoals = (figures: Figures): void => {
  for (const { name, figure, isMet } of goalsOf(figures)) {
    const state = isMet === undefined ? 'not measured' : isMet ? 'met' : 'NOT met';
    console.log(`goal ${state}: ${name}: ${figure}`);
  }
};
