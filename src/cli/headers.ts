// The headers every server of this app must send, in one place: `npm start`, the command line and the tests send them;
// public/_headers and the README say the same to other servers, which headers.test.ts sees to. Pure data.

/**
 * Nothing but our own origin, no eval but WebAssembly. Sent with workers too: a worker takes its policy
 * from its own response, not from the page's.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self' blob:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
];

/**
 * As it stands in the page itself, for servers that cannot be told to send it. It holds the page alone, and who may
 * frame the page cannot be said there.
 */
export const POLICY_IN_PAGE = POLICY.join('; ');

/** Sent with every response. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [...POLICY, "frame-ancestors 'none'"].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'microphone=(self), camera=(), geolocation=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Vite puts a hash of the content in the name of everything in this folder, under whatever prefix it lies. */
const HASHED = /\/assets\/[^/]+$/;

/** How long a browser may keep what it got from `path` (a URL path): for ever, or until it has asked again. */
export function cacheControl(path: string): string {
  return HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
}
