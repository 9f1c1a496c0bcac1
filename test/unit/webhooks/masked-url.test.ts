import { describe, expect, it } from 'vitest';
import { maskedUrl } from '../../../shared/domain/webhooks/masked-url.ts';

describe('a masked URL', () => {
  it.each([
    ['https://example.com/', 'https://example.com/'],
    ['https://example.com:8443/hooks/orders', 'https://example.com:8443/hooks/orders'],
    ['https://example.com/hooks/?token=abc', 'https://example.com/hooks/?***'],
    ['https://example.com/?a', 'https://example.com/?***'],
    ['https://ana:secret@example.com/hooks', 'https://***@example.com/hooks'],
    ['https://secret@example.com/hooks', 'https://***@example.com/hooks'],
    ['https://example.com/hooks#secret', 'https://example.com/hooks'],
    [
      'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX',
      'https://hooks.slack.com/services/***/***/***',
    ],
    ['https://example.com/h/s3cr3t-1', 'https://example.com/h/***'],
    ['https://example.com/hooks;key=abc/x', 'https://example.com/***/x'],
    ['https://example.com/%73ecret', 'https://example.com/***'],
    ['https://example.com/v1/hooks', 'https://example.com/v1/hooks'],
    ['no url', '***'],
  ])('%s is masked as %s', (url, masked) => {
    expect(maskedUrl(url)).toBe(masked);
  });
});
