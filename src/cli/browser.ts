// Finds a Chromium-like browser, installs one where there is none, and launches it headless.
// The command line, the end-to-end tests and `npm install` all come here, so that what one of them
// can run the others can too. Imports Node and Playwright only.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { chromium, type Browser, type BrowserContext } from 'playwright';

type Log = (line: string) => void;

/** Names on PATH, the browsers people have first. */
const COMMANDS = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
];

const MAC_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

const WINDOWS_PLACES = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

/** What a person without any browser is told. */
export const NO_BROWSER =
  'No browser was found and none could be installed: install Chromium or Chrome, or set CHROMIUM_PATH to its program.';

/**
 * The program of an installed browser, or null.
 * Order: CHROMIUM_PATH, CHROME_PATH, PATH, the usual places of macOS and Windows, Playwright's own.
 */
export function findBrowser(): string | null {
  return candidates().find(isUsable) ?? null;
}

/**
 * The program of a browser, installed first where none is there: Playwright's Chromium, or Debian's
 * where that cannot be had and we may install packages. Needs the network only then.
 * @throws Error with one sentence when no browser can be had
 */
export function ensureBrowser(log: Log = () => {}): string {
  const found = findBrowser();
  if (found !== null) return found;
  log('No browser found: installing Chromium…');
  for (const install of [installFromPlaywright, installPlaywrightLibraries, installFromDebian]) {
    install();
    const installed = findBrowser();
    if (installed !== null) return installed;
  }
  throw new Error(NO_BROWSER);
}

export interface LaunchOptions {
  /** Lets WebGPU be probed where the browser hides it (headless Linux). */
  webgpu?: boolean;
  /** Has Chromium pretend that there is a microphone, and that a person lends it. */
  microphone?: boolean;
  /** The program to launch; without it, the browser that is found or installed. */
  executablePath?: string | undefined;
}

/** Flags of every browser we start: quiet on the network, startable as root. */
export function browserArguments({ webgpu = false, microphone = false }: LaunchOptions = {}): string[] {
  const args = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  // Chromium refuses its sandbox to root; the pages it opens here are our own.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  if (webgpu) args.push('--enable-unsafe-webgpu');
  if (microphone) args.push('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');
  return args;
}

/** A headless browser, found or installed. The caller closes it. */
export async function launchBrowser(options: LaunchOptions = {}, log?: Log): Promise<Browser> {
  return chromium.launch(launchSettings(options, log));
}

/** The same with a profile on disk, as people have one. The caller closes it, and removes the folder. */
export async function launchProfile(
  folder: string,
  options: LaunchOptions = {},
  log?: Log,
): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...launchSettings(options, log), locale: 'en-GB' });
}

function launchSettings(options: LaunchOptions, log?: Log) {
  return {
    executablePath: options.executablePath ?? ensureBrowser(log),
    args: browserArguments(options),
    // The command line closes the browser itself, after what it was doing has been written.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
}

function candidates(): string[] {
  const { env, platform } = process;
  const named = ['CHROMIUM_PATH', 'CHROME_PATH']
    .flatMap((name) => env[name] ?? [])
    .filter((path) => path !== '');
  const suffix = platform === 'win32' ? '.exe' : '';
  const onPath = COMMANDS.flatMap((command) =>
    (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, command + suffix)),
  );
  const windowsRoots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap(
    (name) => env[name] ?? [],
  );
  const usual =
    platform === 'darwin'
      ? MAC_PLACES
      : platform === 'win32'
        ? windowsRoots.flatMap((root) => WINDOWS_PLACES.map((place) => join(root, place)))
        : [];
  return [...named, ...onPath, ...usual, chromium.executablePath()];
}

function isUsable(path: string): boolean {
  if (!existsSync(path)) return false;
  if (process.platform !== 'linux') return true;
  // On Linux a program can be there and not run: no execute bit, libraries missing, a stub of a package.
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return false;
  }
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

const INSTALL_TIMEOUT_MS = 10 * 60_000;

function playwright(...args: string[]): void {
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright/package.json')), 'cli.js');
  spawnSync(process.execPath, [cli, ...args], { stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS });
}

function installFromPlaywright(): void {
  playwright('install', '--no-shell', 'chromium');
}

/** A browser that was downloaded but lacks system libraries runs after this. */
function installPlaywrightLibraries(): void {
  if (mayInstallPackages() && existsSync(chromium.executablePath())) playwright('install-deps', 'chromium');
}

function installFromDebian(): void {
  if (!mayInstallPackages()) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = (...args: string[]) =>
    spawnSync('apt-get', args, { stdio: 'ignore', env, timeout: INSTALL_TIMEOUT_MS });
  aptGet('update', '-qq');
  aptGet('install', '-y', '-qq', '--no-install-recommends', 'chromium');
}

function mayInstallPackages(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && existsSync('/etc/debian_version');
}
