import {
  array,
  arrayOf,
  bool,
  defineApi,
  int8,
  int16,
  int32,
  nullable,
  string,
} from "../codec/field.ts";

export const describeConfigs = defineApi({
  key: 32,
  versions: [0, 4],
  flexibleSince: 4,
  request: {
    resources: array({
      /** 2: topic, 4: broker. */
      resourceType: int8(),
      resourceName: string(),
      /** null: all. */
      configurationKeys: nullable("0+", arrayOf(string())),
    }),
    includeSynonyms: bool("1+"),
    includeDocumentation: bool("3+"),
  },
  response: {
    throttleTimeMs: int32(),
    results: array({
      errorCode: int16(),
      errorMessage: nullable("0+", string()),
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: nullable("0+", string()),
        readOnly: bool(),
        isDefault: bool("0-0"),
        configSource: int8("1+", -1),
        isSensitive: bool(),
        synonyms: array({ name: string(), value: nullable("0+", string()), source: int8() }, "1+"),
        configType: int8("3+"),
        documentation: nullable("3+", string("3+")),
      }),
    }),
  },
});

/** Both ways of altering are answered alike. */
const altered = {
  throttleTimeMs: int32(),
  responses: array({
    errorCode: int16(),
    errorMessage: nullable("0+", string()),
    resourceType: int8(),
    resourceName: string(),
  }),
};

/** Replaces all settings of a resource. */
export const alterConfigs = defineApi({
  key: 33,
  versions: [0, 2],
  flexibleSince: 2,
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({ name: string(), value: nullable("0+", string()) }),
    }),
    validateOnly: bool(),
  },
  response: altered,
});

/** Changes single settings. */
export const incrementalAlterConfigs = defineApi({
  key: 44,
  versions: [0, 1],
  flexibleSince: 1,
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        /** 0: set, 1: delete, 2: append, 3: subtract. */
        configOperation: int8(),
        value: nullable("0+", string()),
      }),
    }),
    validateOnly: bool(),
  },
  response: altered,
});
