/** Admission of one run to the language model, whose concurrency the runs of a process share (a fair semaphore). */
export interface ModelAdmission {
  /** Takes a permit unless the run holds one. False when none is free or other runs wait. */
  tryEnter(): boolean;
  /** Waits for a permit, first come first served; the run holds no lease and no slot meanwhile. False when the run has to end. */
  enter(): Promise<boolean>;
  /** Whether other runs wait: a run that has asked the model once then gives way to them. */
  isContended(): boolean;
  /** Gives the permit back; the run continues with work that needs no model. False when the run has to end. */
  exit(): Promise<boolean>;
  /** Whether the run may fetch links and read files now. Else it leaves a turn whose files are unread to a run that may. */
  mayRead(): boolean;
}

/** Admits every run at once. */
export const unlimitedModel: ModelAdmission = {
  tryEnter: () => true,
  enter: async () => true,
  isContended: () => false,
  exit: async () => true,
  mayRead: () => true,
};

/** Admission of a run in a process of its own that leaves the reading of files to another one. */
export const withoutReading: ModelAdmission = { ...unlimitedModel, mayRead: () => false };

/** Admission of a run that reads files, and leaves what needs the model to another one. */
export const readingOnly: ModelAdmission = {
  ...unlimitedModel,
  tryEnter: () => false,
  enter: async () => false,
};
