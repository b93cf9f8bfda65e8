/**
 * Names: one namespace for streams and pipelines, and the names that are derived from them.
 *
 * @module
 */

/** Where records go that could not be processed. Always there. */
export const DEAD_LETTERS = "dead_letters";

export function deadLetterTopic(application: string): string {
  return `${application}-dead-letters`;
}

export function repartitionTopic(application: string, stage: string): string {
  return `${application}-${stage}-repartition`;
}

export function changelogTopic(application: string, subtopology: string): string {
  return `${application}-${subtopology}-changelog`;
}

/** `late_shoppers` → `LateShoppers` */
export function pascalCase(name: string): string {
  return name
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
}

/** Kafka's rule for topic names. */
export function isTopicName(name: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== "." && name !== "..";
}
