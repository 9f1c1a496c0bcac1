import type { EndpointError } from '../../../../shared/core/webhooks/endpoint-request.ts';
import { HttpError } from '../../http/http-error.ts';

export const endpointNotFound = (): HttpError =>
  new HttpError(404, 'endpoint_not_found', 'Endpoint not found.');

export const deliveryNotFound = (): HttpError =>
  new HttpError(404, 'delivery_not_found', 'Delivery not found.');

export const recoveryNotFound = (): HttpError =>
  new HttpError(404, 'recovery_not_found', 'Recovery not found.');

/** Converts an error of the core to a 400. */
export const toHttpError = ({ field, code, message }: EndpointError): HttpError =>
  new HttpError(400, code, message, { field });
