/** One thing a fact says about its subject in a form that another fact can agree or conflict with. */
export interface Slot {
  key: string;
  /** In stems; empty: whatever it was. */
  value: string;
  /** It can have one value at a time: another one replaces it. */
  one: boolean;
  /** It is so no longer. */
  ended?: boolean;
  /** It ended by something worth keeping ("sold the car"), not by a mere denial. */
  event?: boolean;
}

/** Reads a predicate ("lives in Rome"); undefined when it is about something else. */
export type SlotRule = readonly [RegExp, (match: RegExpExecArray) => Slot[]];
