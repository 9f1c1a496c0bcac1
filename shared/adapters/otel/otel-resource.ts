import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';

export interface OtelService {
  serviceName: string;
  version: string;
}

/** Longest wait for the last export. */
const closeMs = 2_000;

/** Describes the service to a collector, with the attributes of OTEL_RESOURCE_ATTRIBUTES. */
export const resourceOf = ({ serviceName, version }: OtelService): Resource =>
  defaultResource()
    .merge(resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }));

/** Exports what is left, within two seconds. A failed export is a loss of spans or metrics alone. */
export const closeProvider = async (provider: { shutdown(): Promise<void> }): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, closeMs);
  await Promise.race([provider.shutdown().catch(() => undefined), promise]);
  clearTimeout(timer);
};
