// Compares the classes that the classifier and its peers give with the labelled set.

import { parseUserAgent } from '../../transform/clients/index.ts';
import { decide } from '../../transform/classify/decide.ts';
import { requesterClasses, type RequesterClass } from '../../transform/classify/requester.ts';
import { declaredClasses } from '../../transform/clients/client.ts';
import type { Labelled } from './labelled.ts';
import { peers } from './peers.ts';

export interface ClassScore {
  readonly requesterClass: RequesterClass;
  readonly labelled: number;
  readonly precision: number;
  readonly recall: number;
}
export interface BotScore {
  readonly detector: string;
  readonly precision: number;
  readonly recall: number;
  /** User agents of package managers that were called bots, and their share of all such user agents. */
  readonly managersCalledBots: number;
  readonly managersCalledBotsShare: number;
  /** Names of the package managers among them, and the number of package managers in the set. */
  readonly managersHit: readonly string[];
  readonly managerClients: number;
}
export interface Report {
  readonly seed: number;
  readonly userAgents: number;
  readonly distinctUserAgents: number;
  readonly classes: readonly ClassScore[];
  readonly clientAccuracy: number;
  readonly ciAccuracy: number;
  readonly containerAccuracy: number;
  readonly bots: readonly BotScore[];
  /** Up to five user agents with a wrong class, cut short. */
  readonly mistakes: readonly { readonly userAgent: string; readonly truth: string; readonly decided: string }[];
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

function botScore(detector: string, set: readonly Labelled[], isBot: (labelled: Labelled) => boolean): BotScore {
  let truePositives = 0;
  let falsePositives = 0;
  let falseNegatives = 0;
  let managers = 0;
  let managersCalledBots = 0;
  const hit = new Set<string>();
  const clients = new Set<string>();
  for (const labelled of set) {
    if (labelled.group === 'left_out') continue;
    const called = isBot(labelled);
    if (labelled.group === 'bot') {
      if (called) truePositives++;
      else falseNegatives++;
    } else if (called) falsePositives++;
    if (labelled.group !== 'package_manager') continue;
    managers++;
    clients.add(labelled.truth.client);
    if (!called) continue;
    managersCalledBots++;
    hit.add(labelled.truth.client);
  }
  return {
    detector,
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    managersCalledBots,
    managersCalledBotsShare: ratio(managersCalledBots, managers),
    managersHit: [...hit].sort(),
    managerClients: clients.size,
  };
}

export function measure(set: readonly Labelled[], seed: number): Report {
  const botClasses = new Set<string>(declaredClasses.filter((name) => name !== 'mirror_proxy'));
  const decided = new Map<Labelled, RequesterClass>();
  const right = new Map<string, number>();
  const given = new Map<string, number>();
  const labelledCount = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  const mistakes: { userAgent: string; truth: string; decided: string }[] = [];
  let client = 0;
  let ci = 0;
  let container = 0;
  for (const labelled of set) {
    const { userAgent, network, freshCrawlerLists, truth } = labelled;
    const requester = decide(parseUserAgent(userAgent), network, -1, { freshCrawlerLists });
    decided.set(labelled, requester.requesterClass);
    add(labelledCount, truth.requesterClass);
    add(given, requester.requesterClass);
    if (requester.requesterClass === truth.requesterClass) add(right, truth.requesterClass);
    else if (mistakes.length < 5)
      mistakes.push({ userAgent: userAgent.slice(0, 200), truth: truth.requesterClass, decided: requester.ruleId });
    if (requester.client === truth.client) client++;
    if (requester.ci === truth.ci) ci++;
    if (requester.container === truth.container) container++;
  }
  return {
    seed,
    userAgents: set.length,
    distinctUserAgents: new Set(set.map(({ userAgent }) => userAgent)).size,
    classes: requesterClasses.map((requesterClass) => ({
      requesterClass,
      labelled: labelledCount.get(requesterClass) ?? 0,
      precision: ratio(right.get(requesterClass) ?? 0, given.get(requesterClass) ?? 0),
      recall: ratio(right.get(requesterClass) ?? 0, labelledCount.get(requesterClass) ?? 0),
    })),
    clientAccuracy: ratio(client, set.length),
    ciAccuracy: ratio(ci, set.length),
    containerAccuracy: ratio(container, set.length),
    bots: [
      botScore('fairshare', set, (labelled) => botClasses.has(decided.get(labelled)!)),
      ...peers.map(({ name, isBot }) => botScore(name, set, ({ userAgent }) => isBot(userAgent))),
    ],
    mistakes,
  };
}
