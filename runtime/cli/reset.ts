/**
 * Starting over: the application's topics, and its group with the offsets.
 *
 * @module
 */

import { createKafkaAdmin } from "../kafka/mod.ts";

/** Deletes topics and the group with its offsets; what does not exist is no error. */
export async function deleteApplication(
  brokers: readonly string[],
  group: string,
  topics: readonly string[],
): Promise<void> {
  const admin = createKafkaAdmin({ brokers });
  try {
    await admin.deleteGroup(group);
    await admin.deleteTopics(topics);
  } finally {
    await admin.close();
  }
}
