import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { writeMemories } from './erase-data.ts';
import { scaleEmbedder } from './scale-local-embedder.ts';

// Fills a data folder for scale-local.ts: one user of each size, and users of 1,000 memories up to the total.
const Order = z.object({ folder: z.string(), sizes: z.array(z.number()), total: z.number() });
const { folder, sizes, total } = Order.parse(JSON.parse(process.argv[2] ?? ''));
const path = join(folder, 'turnstone.db');
/** Memories of a turn. */
const perTurn = 5;
const ofOthers = 1_000;

const load = async (): Promise<number> => {
  const platform = createLocalPlatform({ path, embedder: scaleEmbedder });
  // Nothing is lost that cannot be loaded again.
  platform.database.connection.exec('PRAGMA synchronous = OFF');
  const { id: project } = await getOrCreateProject(platform, 'default');
  const from = performance.now();
  for (const size of sizes)
    await writeMemories(platform, project, `user-${size}`, { count: size, perTurn });
  let written = sizes.reduce((sum, size) => sum + size, 0);
  for (let other = 0; written < total; other++) {
    const count = Math.min(ofOthers, total - written);
    await writeMemories(platform, project, `other-${other}`, { count, perTurn });
    written += count;
  }
  const perSecond = (written * 1_000) / (performance.now() - from);
  await platform.close();
  return perSecond;
};

console.log(JSON.stringify({ perSecond: existsSync(path) ? 0 : await load() }));
