import type { linkInputNames } from './link-inputs.ts';

/**
 * Coefficients of the model that judges whether a new fact replaces a known one, fitted by `npm run fit:updates` to the changes of
 * bench:extraction and to conversations of LoCoMo, in which facts stay. Those of the last four inputs are set by hand: a fit to further
 * changes found as many, and no fewer wrong ones.
 */
export const linkWeights: Record<'intercept' | (typeof linkInputNames)[number], number> = {
  intercept: -2.82,
  change: 1.28,
  hint: -1.67,
  addition: -1.49,
  shared: -1.77,
  share: 1.55,
  shareOfNew: 5.94,
  named: -0.17,
  short: 1.79,
  single: -1.19,
  sameSubject: 0.15,
  sameHead: 0.98,
  sameConcept: 1.01,
  sameFrame: 0.55,
  renewed: 1.08,
  otherValue: 1.26,
  otherName: 0.81,
  sharedName: -0.03,
  namedName: -0.94,
  negative: -1.56,
  event: 0,
  changeNamed: 0.68,
  changeValue: 0.03,
  hintValue: 0.51,
  changeHead: -0.32,
  hintHead: 1.29,
  changeConcept: -1.04,
  hintConcept: 1.86,
  changeSharedName: 1.1,
  exchange: 5,
  thingValue: 1,
  sameKind: 2,
  otherPlace: 3,
};

/** Log odds that a replacement needs at least. A false update is worse than a missed one. */
export const minLogOdds = -0.3;

/** The same in a chat among people with names, who mention more than they report. */
export const minLogOddsAmongPeers = 2;
