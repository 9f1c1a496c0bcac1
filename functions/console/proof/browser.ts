import { config } from 'zod';

export { Buffer } from 'buffer/index.js';

// Makes zod compile no code: the content security policy refuses that. Runs before all other modules, since schemas are made as
// modules load.
config({ jitless: true });
