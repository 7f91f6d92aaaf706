// Which page is shown, from the part of the address after `#`. Pages are named by the caller.

import type { HashSource } from './ports.ts';

export class RouterState<Route extends string> {
  readonly #routes: readonly Route[];
  readonly #source: HashSource;
  readonly #start: Route;
  #route: Route = $state.raw() as Route;

  constructor(routes: readonly Route[], start: Route, source: HashSource) {
    this.#routes = routes;
    this.#source = source;
    this.#start = start;
    this.#route = this.#read();
    source.listen(() => (this.#route = this.#read()));
  }

  get route(): Route {
    return this.#route;
  }

  go(route: Route): void {
    this.#source.write(`#/${route}`);
    this.#route = route;
  }

  /** An address that names no page is the start page. */
  #read(): Route {
    const name = /^#\/([a-z-]*)/.exec(this.#source.read())?.[1];
    return this.#routes.find((route) => route === name) ?? this.#start;
  }
}
