/**
 * `millrace reset`: forget that an application ever ran. Says what it would delete; deletes with `--yes`.
 *
 * @module
 */

import { MillraceError } from "../../fault/mod.ts";
import type { Command } from "../command.ts";
import { reachExternal, registryOf } from "../external.ts";
import { EXTERNAL_OPTIONS } from "../options.ts";
import { PlanStore } from "../plan_store.ts";
import { applicationTopics, deleteApplication, listReset, type ResetListing } from "../reset.ts";
import { readTopology, requirePlan } from "../topology_file.ts";

export const reset: Command = {
  name: "reset",
  summary:
    "Deletes what an application has made: state, stored plan, offsets, results. Without --yes it only says what.",
  arguments: "<file>",
  positionals: { least: 1, most: 1 },
  options: {
    ...EXTERNAL_OPTIONS,
    yes: { type: "boolean", help: "delete it" },
    json: {
      type: "boolean",
      help: "one JSON document: { application, deleted, group, topics }",
    },
  },
  async run({ positionals, text, credentials, flag, signal, print }) {
    const plan = requirePlan(
      await readTopology(positionals[0]!, registryOf({ text, credentials })),
    );
    const { application } = plan;
    const access = await reachExternal({ text, credentials, signal });
    const store = new PlanStore(access);
    let listing: ResetListing;
    try {
      const before = await store.loadAny(application);
      listing = await listReset(access, application, applicationTopics(plan, before));
    } finally {
      await store.close();
    }
    const deleted = flag("yes") && !isEmpty(listing);
    if (!flag("json")) for (const line of formatListing(listing)) print(line);
    if (deleted) {
      const { members } = listing.group;
      if (members > 0) {
        throw new MillraceError(
          "BROKER_REFUSED",
          `Cannot reset ${application}: ${members} of its group still run it; stop them first`,
        );
      }
      const names = listing.topics.map(({ topic }) => topic);
      await deleteApplication(access, application, names);
    }
    if (flag("json")) print(JSON.stringify({ ...listing, deleted }));
    else if (deleted) print(`${application}: deleted; the next run begins from nothing`);
    else if (!isEmpty(listing)) print(`${application}: nothing is deleted without --yes`);
    return 0;
  },
};

function isEmpty({ group, topics }: ResetListing): boolean {
  return topics.length === 0 && group.state === "Dead";
}

function* formatListing(listing: ResetListing): Generator<string> {
  const { application, group, topics } = listing;
  if (isEmpty(listing)) {
    yield `${application}: has left nothing here`;
    return;
  }
  if (group.state !== "Dead") {
    const members = group.members === 0 ? "" : `, ${group.members} members`;
    yield `group   ${group.name} with its offsets (${group.state}${members})`;
  }
  for (const { topic, role, partitions } of topics) {
    yield `topic   ${topic} (${role}, ${partitions} partition${partitions === 1 ? "" : "s"})`;
  }
}
