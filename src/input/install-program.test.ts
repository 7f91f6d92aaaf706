// Which words a browser gets, by what real ones say of themselves.
import { expect, test } from 'vitest';
import { installWay } from './install-program.ts';

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit';

test.each([
  [
    'ios',
    5,
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  ],
  [
    'ios',
    5,
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1',
  ],
  ['ios', 5, `${MAC}/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15`],
  ['mac-safari', 0, `${MAC}/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15`],
  ['none', 0, `${MAC}/605.1.15 (KHTML, like Gecko) Version/16.6 Safari/605.1.15`],
  ['chromium', 0, `${MAC}/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36`],
  [
    'chromium',
    10,
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0',
  ],
  [
    'android',
    5,
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36',
  ],
  ['android-firefox', 5, 'Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0'],
  ['none', 0, 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'],
  ['none', 0, ''],
])('%s with %d touch points: %s', (way, touchPoints, userAgent) => {
  expect(installWay(userAgent, touchPoints)).toBe(way);
});
