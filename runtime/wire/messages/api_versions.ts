import { array, bool, defineApi, int16, int32, int64, string, tagged } from "../codec/field.ts";

/** Which APIs and versions the broker speaks: the first request on a connection. */
export const apiVersions = defineApi({
  key: 18,
  versions: [0, 4],
  flexibleSince: 3,
  request: { clientSoftwareName: string("3+"), clientSoftwareVersion: string("3+") },
  response: {
    errorCode: int16(),
    apiKeys: array({ apiKey: int16(), minVersion: int16(), maxVersion: int16() }),
    throttleTimeMs: int32("1+"),
    supportedFeatures: tagged(
      0,
      array({ name: string(), minVersion: int16(), maxVersion: int16() }, "3+"),
    ),
    finalizedFeaturesEpoch: tagged(1, int64("3+", -1)),
    finalizedFeatures: tagged(
      2,
      array({ name: string(), maxVersionLevel: int16(), minVersionLevel: int16() }, "3+"),
    ),
    zkMigrationReady: tagged(3, bool("3+")),
  },
});
