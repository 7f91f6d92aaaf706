// Faults put into an IndexedDB in memory, as browsers make them. For tests only.

import { IDBDatabase, IDBObjectStore } from 'fake-indexeddb';
import { vi } from 'vitest';

/** At the n-th put from now on, 1 the first, does `fault`, which may ask for something else instead. */
export function injectAtPut(
  n: number,
  fault: (store: IDBObjectStore) => IDBRequest<IDBValidKey> | undefined,
): void {
  const put: unknown = Reflect.get(IDBObjectStore.prototype, 'put');
  let nth = 0;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...parts) {
    const instead = ++nth === n ? fault(this) : undefined;
    return instead ?? (put as IDBObjectStore['put']).apply(this, parts);
  });
}

/** What a browser does when the room ends: the transaction aborts, with the reason on it and not on a request. */
export function runOutOfRoom(within: IDBObjectStore): undefined {
  abortLater(within, 'QuotaExceededError');
  return undefined;
}

/** The transaction aborts a moment later, with a reason of that name. */
export function abortLater(within: IDBObjectStore, name: string): void {
  const transaction = within.transaction as unknown as { _abort(name: string): void };
  queueMicrotask(() => transaction._abort(name));
}

/** The n-th writing transaction from now on, 1 the first, is committed; then the connection ends, and what is heard is an abort. */
export function loseDoneOf(n: number): void {
  const begin: unknown = Reflect.get(IDBDatabase.prototype, 'transaction');
  let nth = 0;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...parts) {
    const transaction = (begin as IDBDatabase['transaction']).apply(this, parts);
    if (transaction.mode === 'readwrite' && ++nth === n)
      transaction.addEventListener('complete', (event: Event) => {
        event.stopImmediatePropagation();
        this.close();
        transaction.dispatchEvent(new (event.constructor as typeof Event)('abort'));
      });
    return transaction;
  });
}
