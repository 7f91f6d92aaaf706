// A worker for tests of the boundary, over a real MessageChannel. For tests only.

import { expose } from 'comlink';
import type { WorkerLike } from './worker-host.ts';

/** A worker without a thread: one end of a channel, with the error events that a test fires itself. */
export class FakeWorker implements WorkerLike {
  readonly events = new EventTarget();
  readonly channel = new MessageChannel();
  terminated = false;

  constructor(api: object) {
    expose(api, this.channel.port2);
    this.channel.port2.start();
    this.channel.port1.start();
    this.channel.port1.addEventListener('message', (event) =>
      this.events.dispatchEvent(new MessageEvent('message', { data: event.data as unknown })),
    );
  }

  postMessage(message: unknown, transfer: Transferable[]): void {
    this.channel.port1.postMessage(message, transfer as never);
  }

  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
    this.events.addEventListener(type, listener);
  }

  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
    this.events.removeEventListener(type, listener);
  }

  /** As a browser reports an error that nobody caught. */
  crash(): void {
    this.events.dispatchEvent(Object.assign(new Event('error', { cancelable: true }), { message: 'killed' }));
  }

  terminate(): void {
    this.terminated = true;
    this.channel.port1.close();
  }
}
