/**
 * ApiVersions 0-3: what is spoken here.
 *
 * A newer version is answered with error 35 in the form of version 0, which every client reads, and
 * tells the versions of ApiVersions itself (KIP-511); the client then asks again. No features: without
 * `transaction.version` clients stay with the transactions of before KIP-890. `throttleTimeMs` is 0.
 *
 * Produce is advertised from version 0 although nothing below 3 is answered: librdkafka takes a
 * higher minimum for a broker without compression (KAFKA-18659; Kafka 4 does the same).
 */

import { API, type ResponseInput } from "../../wire/mod.ts";
import { ERROR } from "../errors.ts";
import type { Handler } from "./handler.ts";

const VERSIONS = [0, 3] as const;
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/;

export const apiVersions: Handler<"ApiVersions"> = {
  versions: VERSIONS,
  handle({ cluster, version, body }) {
    const isNamed =
      SOFTWARE.test(body.clientSoftwareName) && SOFTWARE.test(body.clientSoftwareVersion);
    if (version >= 3 && !isNamed) return { errorCode: ERROR.INVALID_REQUEST };
    return {
      apiKeys: Array.from(cluster.apis, ([apiKey, { versions }]) => ({
        apiKey,
        minVersion: apiKey === API.Produce ? 0 : versions[0],
        maxVersion: versions[1],
      })),
    };
  },
};

/** The answer, in version 0, to a version that is too new. */
export function unsupportedApiVersions(): ResponseInput<"ApiVersions"> {
  const [minVersion, maxVersion] = VERSIONS;
  return {
    errorCode: ERROR.UNSUPPORTED_VERSION,
    apiKeys: [{ apiKey: API.ApiVersions, minVersion, maxVersion }],
  };
}
