// Which page is shown, and what of it, from the part of the address after `#`: `#/page` or `#/page/param`.
// Pages are named by the caller.

import type { HashSource } from './ports.ts';

export class RouterState<Route extends string> {
  readonly #routes: readonly Route[];
  readonly #source: HashSource;
  readonly #start: Route;
  #route: Route = $state.raw() as Route;
  #param: string | null = $state.raw(null);

  constructor(routes: readonly Route[], start: Route, source: HashSource) {
    this.#routes = routes;
    this.#source = source;
    this.#start = start;
    this.#read();
    source.listen(() => this.#read());
  }

  get route(): Route {
    return this.#route;
  }

  /** The rest of the address after the page, decoded; null where there is none. */
  get param(): string | null {
    return this.#param;
  }

  go(route: Route, param: string | null = null): void {
    this.#source.write(this.address(route, param));
    this.#route = route;
    this.#param = param;
  }

  /** What a link to a page, or to a thing on it, points at. */
  address(route: Route, param: string | null = null): string {
    return param === null ? `#/${route}` : `#/${route}/${encodeURIComponent(param)}`;
  }

  /** An address that names no page is the start page. */
  #read(): void {
    const [, name, rest] = /^#\/([a-z-]*)(?:\/(.+))?/.exec(this.#source.read()) ?? [];
    const route = this.#routes.find((each) => each === name);
    this.#route = route ?? this.#start;
    this.#param = route === undefined || rest === undefined ? null : decoded(rest);
  }
}

/** Typed by hand it may be no encoding at all: then it stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
