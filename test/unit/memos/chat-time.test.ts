import { describe, expect, it } from 'vitest';
import { chatTimeOf, parseChatTime } from '../../../functions/api/memos/chat-time.ts';

const day = Date.UTC(2025, 11, 10);
const morning = Date.UTC(2025, 11, 10, 9, 44);

describe('a chat_time', () => {
  it.each<[string, number]>([
    ['09:44 AM on 10 December, 2025 UTC', morning],
    ['9:44 am on 10 Dec 2025', morning],
    ['9:05 AM on 1 Jan, 2025', Date.UTC(2025, 0, 1, 9, 5)],
    ['12:10 AM on 10 December, 2025', Date.UTC(2025, 11, 10, 0, 10)],
    ['2025/12/10 09:44', morning],
    ['2025/12/10', day],
    ['2025.12.10 09:44:00', morning],
    ['2025-12-10 09:44:00.124', morning + 124],
    ['2025-12-10T09:44Z', morning],
    ['Dec 10, 2025', day],
    ['December 10th, 2025 at 9:44 AM', morning],
    ['Sept 3, 2025', Date.UTC(2025, 8, 3)],
    ['10 December 2025', day],
    ['Wed, 10 Dec 2025 09:44:00 GMT', morning],
    ['10 December 2025 10:44 +01:00', morning],
    ['2025年12月10日', day],
    ['2025年12月10日 上午', day],
    ['2025年12月10日 09:44', morning],
    ['2025年12月10日 上午9点44分', morning],
    ['2025年12月10日下午3点', Date.UTC(2025, 11, 10, 15)],
    [String(morning / 1_000), morning],
    [String(morning), morning],
    [chatTimeOf(morning), morning],
  ])('is read: %s', (text, at) => {
    expect(parseChatTime(text)).toBe(at);
  });

  it.each([
    'yesterday evening',
    '10/12/2025',
    '10 Foober 2025',
    '31 February 2025',
    '25:44 on 10 December 2025',
    '2025年13月10日',
    '20251210',
    '',
  ])('is not read: %j', (text) => {
    expect(parseChatTime(text)).toBeUndefined();
  });
});
