// A run's settings in words, in the order in which they are told. Pure.

import type { RunDetails, RunEntry } from '../../storage/run-record.ts';
import { runText as text } from './run-text.ts';

/** @param nameOf a model by its key; null where it is no longer here */
export function runFacts(
  entry: RunEntry,
  { settings, withReplay }: RunDetails,
  nameOf: (key: string) => string | null,
): [name: string, value: string][] {
  const { facts } = text;
  const yesNo = (is: boolean): string => (is ? text.yes : text.no);
  return [
    [facts.way, text.way(entry.way)],
    [facts.base, nameOf(entry.baseKey) ?? text.modelGone],
    [facts.active, nameOf(entry.activeKey) ?? text.modelGone],
    [facts.labels, entry.labels.join(', ')],
    [facts.backend, entry.backend?.toUpperCase() ?? text.none],
    [facts.epochs, String(settings.epochs)],
    [facts.batchSize, String(settings.batchSize)],
    [facts.steps, String(settings.stepsPerEpoch)],
    [facts.rate, String(settings.learningRate)],
    [facts.schedule, text.schedules[settings.schedule]],
    [facts.decay, String(settings.weightDecay)],
    [facts.patience, text.patience(settings.earlyStoppingPatience)],
    [facts.average, text.average(settings.averageLastEpochs)],
    [facts.balance, text.balances[settings.balance]],
    [facts.augment, yesNo(settings.augment)],
    [facts.replay, yesNo(withReplay)],
    [facts.seed, String(settings.seed)],
  ];
}
