// The one worker program that computes with tensors, so that their library is downloaded once whatever a worker is for:
// its name says which part it has. Glue only: inference-worker.ts and training-worker.ts.

import { expose } from 'comlink';
import { InferenceWorker } from './inference-worker.ts';

if (self.name === 'training') openTraining().catch(reportError);
else expose(new InferenceWorker(), self);

/** Training is wanted seldom, so its code is loaded then; calls that come before it is there wait for it. */
async function openTraining(): Promise<void> {
  const early: MessageEvent[] = [];
  const hold = (call: MessageEvent): void => void early.push(call);
  self.addEventListener('message', hold);
  const { TrainingWorker } = await import('./training-worker.ts');
  self.removeEventListener('message', hold);
  expose(new TrainingWorker(), self);
  for (const { data, ports } of early)
    self.dispatchEvent(new MessageEvent('message', { data: data as unknown, ports: [...ports] }));
}
