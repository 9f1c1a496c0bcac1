// Entry of the simulation that the console loads on demand.
export { createRun } from './run.ts';
