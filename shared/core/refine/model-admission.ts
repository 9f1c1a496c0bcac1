/** Admission of one run to the language model, where the runs of a process share its concurrency. */
export interface ModelAdmission {
  /** Whether the run may ask the model now: it holds a permit then. False while others wait for one. */
  tryEnter(): boolean;
  /** Waits for a permit in turn, without holding anything up meanwhile; false: the run is to end. */
  enter(): Promise<boolean>;
  /** Whether others wait for a permit: one that has asked the model once lets them go first. */
  isContended(): boolean;
  /** Gives the permit back, and goes on with what needs no model; false: the run is to end. */
  goOnWithout(): Promise<boolean>;
}

/** Each run asks as it likes. */
export const unlimitedModel: ModelAdmission = {
  tryEnter: () => true,
  enter: async () => true,
  isContended: () => false,
  goOnWithout: async () => true,
};
