// Installing the program: the browser's own question where it offers one, and what is known of those that do not.
// May use the DOM.

/** Chromium's: not in the types yet. */
interface InstallPromptEvent extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

export interface InstallNews {
  /** The browser lets the program be installed from now on; the question may be put once. */
  onOffer(ask: () => Promise<boolean>): void;
  onInstalled(): void;
}

/** Where a person finds it in a browser that does not offer it; `none`: this browser installs no programs. */
export type InstallWay = 'ios' | 'mac-safari' | 'android-firefox' | 'android' | 'chromium' | 'none';

/** As early as possible: the browser offers it once. */
export function listenForInstall(news: InstallNews): void {
  addEventListener('beforeinstallprompt', (event) => {
    // The program asks by itself, in Settings, instead of the browser above the page.
    event.preventDefault();
    const offer = event as InstallPromptEvent;
    news.onOffer(async () => (await offer.prompt()).outcome === 'accepted');
  });
  addEventListener('appinstalled', () => news.onInstalled());
}

/** Whether this page runs as an installed program, in a window of its own. */
export function runsInstalled(): boolean {
  const { standalone } = navigator as { standalone?: boolean };
  return standalone === true || matchMedia('(display-mode: standalone)').matches;
}

/** @param touchPoints tells a tablet that says it is a Mac from a Mac */
export function installWay(userAgent: string, touchPoints: number): InstallWay {
  const is = (pattern: RegExp): boolean => pattern.test(userAgent);
  const isApple = is(/Macintosh/);
  if (is(/iPhone|iPad|iPod/) || (isApple && touchPoints > 1)) return 'ios';
  if (is(/Android/)) return is(/Firefox\//) ? 'android-firefox' : 'android';
  if (is(/Firefox\//)) return 'none';
  if (is(/Chrome\/|Chromium\//)) return 'chromium';
  return isApple && is(/Version\/(1[7-9]|[2-9]\d)[\d.]* Safari\//) ? 'mac-safari' : 'none';
}
