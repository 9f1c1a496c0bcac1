import type { Context } from 'hono';
import * as z from 'zod';
import { forgetProcessing } from '../../../shared/core/processing/processing-settings.ts';
import { changeSettings, readProject } from '../../../shared/core/projects/project-settings.ts';
import type { SearchDefaults } from '../../../shared/core/projects/search-defaults.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { HttpError } from '../http/http-error.ts';
import { isoTime } from '../http/instant.ts';
import { limits } from '../http/limits.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { snakeKey } from './filters/filter-syntax.ts';
import {
  Members,
  Organization,
  OrganizationId,
  Project,
  ProjectUpdated,
} from './project.openapi.ts';
import {
  ignoredSettings,
  owner,
  projectBody,
  settingsChangeOf,
  UpdateProject,
} from './project-body.ts';
import { namesOf } from './selection.ts';
import { ProjectName } from './webhook.openapi.ts';

const ProjectQuery = z.object({ fields: namesOf(limits.fields).nullish() });

const projectNotFound = (): HttpError =>
  new HttpError(404, 'project_not_found', 'Organization or project not found');

/** Reduces a body to the requested fields. */
const selected = (body: object, fields: readonly string[] | null | undefined): object => {
  if (!fields?.length) return body;
  const wanted = new Set(fields.map((field) => snakeKey(field.trim())));
  return Object.fromEntries(Object.entries(body).filter(([name]) => wanted.has(name)));
};

/** Routes of the one organization and the one project of a key. */
export const projectRoutes = (platform: Platform, defaults: SearchDefaults) => {
  /** Reads the project of the key. Ids in the path must be those of the key, or the name of the project. */
  const ownProject = async (c: Context<ApiEnv>) => {
    const { project: id, organization, permissions } = c.get('principal');
    const { project, settings } = await readProject(platform, id);
    const { org = organization, project: named = id } = c.req.param();
    const isOwn = org === organization && (named === id || named === project?.name);
    if (!project || !isOwn) throw projectNotFound();
    return { project, body: projectBody(project, settings, permissions.includes('admin')) };
  };

  const organizationBody = async (c: Context<ApiEnv>) => {
    const { project } = await ownProject(c);
    const { organization, createdAt } = project;
    const created = isoTime(createdAt);
    return {
      id: organization,
      org_id: organization,
      name: organization,
      created_at: created,
      updated_at: created,
    };
  };

  const routes = createRoutes('mem0: project');

  routes.get('/api/v1/orgs/organizations', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'listOrganizations',
      summary: 'Get the organization of the key, as a list',
      responses: { 200: z.array(Organization) },
      errors: { 404: ['project_not_found'] },
      example: {},
    })),
    handler: async (c) => c.json([await organizationBody(c)]),
  });

  routes.get('/api/v1/orgs/organizations/:org', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getOrganization',
      summary: 'Get the organization of the key',
      params: { org: OrganizationId },
      responses: { 200: Organization },
      errors: { 404: ['project_not_found'] },
      example: { params: { org: exampleIds.organization } },
    })),
    handler: async (c) => c.json(await organizationBody(c)),
  });

  routes.get('/api/v1/orgs/organizations/:org/projects', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'listProjects',
      summary: 'Get the project of the key, as a list',
      params: { org: OrganizationId },
      responses: { 200: z.array(Project) },
      errors: { 404: ['project_not_found'] },
      example: { params: { org: exampleIds.organization } },
    })),
    handler: async (c) => c.json([(await ownProject(c)).body]),
  });

  routes.get('/api/v1/orgs/organizations/:org/projects/:project', {
    permission: 'read',
    query: ProjectQuery,
    openapi: describe(() => ({
      operationId: 'getProject',
      summary: 'Get the project of the key and its settings',
      description: '`fields` reduces the answer to these fields.',
      params: { org: OrganizationId, project: ProjectName },
      responses: { 200: Project.partial() },
      errors: { 404: ['project_not_found'] },
      example: {
        params: { org: exampleIds.organization, project: exampleIds.project },
        query: { fields: 'custom_instructions,custom_categories' },
      },
    })),
    handler: async (c, read) => {
      const { fields } = read.query(omitNullish({ fields: c.req.queries('fields')?.join() }));
      return c.json(selected((await ownProject(c)).body, fields));
    },
  });

  routes.get('/api/v1/orgs/organizations/:org/members', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'listOrganizationMembers',
      summary: 'List the members of the organization',
      description: 'There is one, the owner: access is by API keys.',
      params: { org: OrganizationId },
      responses: { 200: Members },
      errors: { 404: ['project_not_found'] },
      example: { params: { org: exampleIds.organization } },
    })),
    handler: async (c) => {
      await ownProject(c);
      return c.json({ members: [owner] });
    },
  });

  routes.get('/api/v1/orgs/organizations/:org/projects/:project/members', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'listProjectMembers',
      summary: 'List the members of the project',
      description: 'There is one, the owner: access is by API keys.',
      params: { org: OrganizationId, project: ProjectName },
      responses: { 200: Members },
      errors: { 404: ['project_not_found'] },
      example: { params: { org: exampleIds.organization, project: exampleIds.project } },
    })),
    handler: async (c) => {
      await ownProject(c);
      return c.json({ members: [owner] });
    },
  });

  routes.patch('/api/v1/orgs/organizations/:org/projects/:project', {
    permission: 'admin',
    work: 'change',
    body: UpdateProject,
    openapi: describe(() => ({
      operationId: 'updateProject',
      summary: 'Change settings of the project',
      description:
        'Absent fields stay as they are; null or an empty value restores the default. Turns that are refined after the answer use the new settings.',
      params: { org: OrganizationId, project: ProjectName },
      responses: { 200: ProjectUpdated },
      errors: { 404: ['project_not_found'] },
      example: {
        params: { org: exampleIds.organization, project: exampleIds.project },
        body: {
          custom_instructions: 'Remember what the user eats.',
          custom_categories: [{ food: 'What the user eats and drinks' }],
        },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const { project } = await ownProject(c);
      await changeSettings(platform, project.id, settingsChangeOf(body));
      defaults.forget(project.id);
      forgetProcessing(platform, project.id);
      const ignored = ignoredSettings(body);
      const message = 'Project updated successfully';
      return c.json({ message, ...(ignored.length > 0 && { ignored }) });
    },
  });

  return routes.all;
};
