import * as z from 'zod';
import type { ProfileSettings as Settings } from '../../../shared/domain/derived/derived.ts';
import { entityKinds } from '../../../shared/domain/memory/entities.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { invalid } from '../http/http-error.ts';
import { isRecord } from '../http/is-record.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { JsonSchema, ProfileSettings } from './derived.openapi.ts';
import { Instructions } from './schema.ts';

const Form = z
  .object({ schema: z.unknown().optional(), custom_instructions: Instructions })
  .nullish();
const SettingsBody = z.looseObject({
  enabled: z.boolean().nullish(),
  entities: z.strictObject({ user: Form, agent: Form, app: Form, run: Form }).nullish(),
});

/** Settings that belong to one kind of entity. Clients of earlier versions sent them at the top. */
const flatSettings = ['schema', 'custom_instructions'];

const rejectFlat = (body: object): void => {
  const flat = flatSettings.filter((name) => isRecord(body) && body[name] != null);
  const [first] = flat;
  if (first === undefined) return;
  throw invalid(
    first,
    `Unsupported settings: ${flat.join(', ')}. Send them under entities, such as {"entities": {"user": {"${first}": ...}}}.`,
  );
};

const settingsBody = ({ enabled = true, forms = {} }: Settings) => ({
  enabled,
  entities: Object.fromEntries(
    entityKinds.map((kind) => {
      const { schema, instructions = null } = forms[kind] ?? {};
      const parsed = schema === undefined ? null : JSON.parse(schema);
      return [kind, { schema: parsed, custom_instructions: instructions }];
    }),
  ),
  capabilities: { full_rebuild: false },
});

const settings = () => import('../../../shared/core/derived/profile-settings.ts');

/** Routes of the settings of profiles. The first request loads the operations. */
export const profileSettingsRoutes = (platform: Platform) => {
  const routes = createRoutes('mem0: profiles');

  routes.get('/v2/profiles/settings', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getProfileSettings',
      summary: 'Get the settings of profiles',
      responses: { 200: ProfileSettings },
      example: {},
    })),
    handler: async (c) => {
      const { readProfileSettings } = await settings();
      return c.json(settingsBody(await readProfileSettings(platform, c.get('principal').project)));
    },
  });

  routes.post('/v2/profiles/settings', {
    permission: 'admin',
    work: 'change',
    body: SettingsBody,
    openapi: describe(() => ({
      operationId: 'updateProfileSettings',
      summary: 'Change the settings of profiles',
      description:
        'Absent fields stay as they are; null restores the default. Profiles that are generated after the answer follow them.',
      fields: { 'entities.user.schema': JsonSchema },
      responses: { 200: ProfileSettings },
      example: {
        body: {
          enabled: true,
          entities: {
            user: {
              schema: {
                type: 'object',
                properties: { diet: { type: 'string', description: 'What the user eats' } },
              },
              custom_instructions: 'Be brief.',
            },
          },
        },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      rejectFlat(body);
      const { profileChangeOf } = await import('./derived-requests.ts');
      const { changeProfileSettings } = await settings();
      const { project } = c.get('principal');
      return c.json(
        settingsBody(await changeProfileSettings(platform, project, profileChangeOf(body))),
      );
    },
  });

  return routes.all;
};
