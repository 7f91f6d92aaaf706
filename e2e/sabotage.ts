// Faults of workers, brought about from within: what stands here is put before the worker's own script, so that every
// worker of that name has it, those that take the place of dead ones too.

import type { Page } from 'playwright/test';

export interface Fault {
  /** As the program calls its workers. */
  worker: 'inference' | 'training' | 'evaluation';
  kind:
    | 'crash'
    /** An endless loop. */
    | 'hang'
    /** Arrays of any size cannot be had once. */
    | 'no-memory'
    /** The memory of WebAssembly is full and does not grow any more. */
    | 'no-growth'
    /** `loseDevice` works: the WebGPU devices of the worker are lost when it is called. */
    | 'loses-device'
    /** With every look at it the clock goes back by an hour. */
    | 'clock-back';
  /** It comes when a file of this size is first heard by a worker; without one, with the worker's first message. */
  sizeBytes?: number;
}

/** What is done to workers that are begun from now on; without a fault they are sound. */
export type Sabotage = (...faults: Fault[]) => void;

/** Call it before the page is opened. */
export async function sabotage(page: Page): Promise<Sabotage> {
  let faults: Fault[] = [];
  await page.route(/\.worker-[\w-]+\.js$/, async (route) => {
    const response = await route.fetch();
    const script = await response.text();
    const armed = faults.map((fault) => `(${arm.toString()})(${JSON.stringify(fault)});\n`);
    await route.fulfill({ response, body: armed.join('') + script });
  });
  return (...next) => (faults = next);
}

/** As a graphics driver does that crashes: whatever is computed afterwards is zeros. */
export async function loseDevices(page: Page): Promise<void> {
  const lost = await Promise.all(
    page.workers().map((worker) =>
      worker.evaluate(() => {
        const { loseDevice } = self as { loseDevice?: () => void };
        loseDevice?.();
        return loseDevice !== undefined;
      }),
    ),
  );
  if (!lost.includes(true)) throw new Error('no worker has a device to lose');
}

/** Runs in the worker. */
function arm({ worker, kind, sizeBytes }: Fault): void {
  if (self.name !== worker) return;

  function strike(): void {
    if (kind === 'hang') for (;;);
    if (kind === 'crash')
      setTimeout(() => {
        throw new Error('killed');
      });
    if (kind === 'no-memory') {
      const Real = Float32Array;
      self.Float32Array = new Proxy(Real, {
        construct(target, args: unknown[]) {
          if (typeof args[0] !== 'number' || args[0] < 1000) return Reflect.construct(target, args) as object;
          self.Float32Array = Real;
          throw new RangeError('Array buffer allocation failed');
        },
      });
    }
    if (kind === 'no-growth') fillHeap();
  }

  /** Asks for all that is left, in pieces of falling size, of a heap that does not grow any more. */
  function fillHeap(): void {
    WebAssembly.Memory.prototype.grow = () => {
      throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
    };
    const [malloc] = [...pointersGiven].sort(([, a], [, b]) => b - a)[0] ?? [];
    if (!malloc) throw new Error('nothing gives memory');
    for (const bytes of [2 ** 20, 2 ** 16, 2 ** 12]) while (malloc(bytes) !== 0);
  }

  /** How often each function of the WASM binary has turned one number into an address: malloc is far ahead. */
  const pointersGiven = new Map<(bytes: number) => number, number>();
  if (kind === 'no-growth') {
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...binary) => {
      const { instance, module } = await instantiate(...binary);
      const watched = Object.entries(instance.exports).map(([name, value]) => {
        if (typeof value !== 'function' || value.length !== 1) return [name, value];
        const call = value as (bytes: number) => number;
        const counted = (argument: number): number => {
          const given = call(argument);
          if (given > 1024) pointersGiven.set(call, (pointersGiven.get(call) ?? 0) + 1);
          return given;
        };
        return [name, counted];
      });
      return { instance: { exports: Object.fromEntries(watched) as WebAssembly.Exports }, module };
    };
  }

  if (kind === 'clock-back') {
    const RealDate = Date;
    let hours = 0;
    const back = (): number => RealDate.now() - 3_600_000 * hours++;
    self.Date = new Proxy(RealDate, {
      construct: (target, args: unknown[]) =>
        Reflect.construct(target, args.length > 0 ? args : [back()]) as object,
      get: (target, key) => (key === 'now' ? back : (Reflect.get(target, key) as unknown)),
    });
  } else if (kind === 'loses-device') {
    const devices: GPUDevice[] = [];
    const requestDevice = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'requestDevice')?.value as (
      this: GPUAdapter,
      ...wishes: unknown[]
    ) => Promise<GPUDevice>;
    const told = new Promise<GPUDeviceLostInfo>((resolve) => {
      (self as { loseDevice?: () => void }).loseDevice = () => {
        for (const device of devices) device.destroy();
        resolve({ reason: 'unknown', message: 'the driver crashed' } as GPUDeviceLostInfo);
      };
    });
    GPUAdapter.prototype.requestDevice = async function (...wishes) {
      const device = await requestDevice.apply(this, wishes);
      Object.defineProperty(device, 'lost', { value: told });
      devices.push(device);
      return device;
    };
  } else if (sizeBytes === undefined) {
    addEventListener('message', strike, { once: true });
  } else {
    const digest = crypto.subtle.digest.bind(crypto.subtle);
    let isStruck = false;
    crypto.subtle.digest = async (algorithm, data) => {
      if (!isStruck && data.byteLength === sizeBytes) {
        isStruck = true;
        strike();
        // What has crashed answers nothing, and not half a message before.
        if (kind === 'crash') await new Promise(() => undefined);
      }
      return await digest(algorithm, data);
    };
  }
}
