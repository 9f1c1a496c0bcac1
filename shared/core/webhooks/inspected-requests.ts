import { notificationKey } from '../../domain/table/keys.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { InspectedRequest } from '../../ports/webhook-client.ts';

/** A request that the inspector received, with the notification as it is now. */
export interface ShownRequest extends InspectedRequest {
  type?: string;
  /** JSON as it was sent, without what was erased since; absent once the notification is no longer kept. */
  body?: string;
}

/**
 * Lists the requests that the inspector of this process received for a project, newest first. Bodies are read from the notifications,
 * which lose what is erased: the inspector keeps no text of its own. Undefined where there is no inspector.
 */
export const inspectedRequests = async (
  { store, inspector }: Pick<WebhookPlatform, 'store' | 'inspector'>,
  project: string,
): Promise<ShownRequest[] | undefined> => {
  if (!inspector) return undefined;
  const requests = inspector.list(project);
  const keys = requests.map(({ notification }) => notificationKey(project, notification));
  const notifications = await store.getMany(keys);
  return requests.map((request, index) => {
    const { type, body } = notifications[index] ?? {};
    return {
      ...request,
      ...(type === undefined ? {} : { type }),
      ...(body === undefined ? {} : { body }),
    };
  });
};

/** Forgets the requests that the inspector received for a project. False where there is no inspector. */
export const clearInspector = (
  { inspector }: Pick<WebhookPlatform, 'inspector'>,
  project: string,
): boolean => {
  inspector?.clear(project);
  return inspector !== undefined;
};
